# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""A sum of products and an intercept."""

include "harness.pxi"


cdef class Model:
    cdef double intercept
    cdef double[::1] coefficients

    def __init__(self, file, Plan plan):
        self.intercept = read_array(file)[0]
        self.coefficients = read_array(file)

    cdef void score(self, Plan plan, double *out) noexcept:
        cdef bint in_lanes = plan.fused and plan.is_dense()
        cdef double margin = dot(&plan.feature[0], &self.coefficients[0], plan.features, in_lanes) + self.intercept
        if plan.rule == LOGISTIC:
            logistic(margin, out)
        else:
            out[0] = margin
