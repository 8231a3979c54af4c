# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""A sum of products and an intercept for each class, then the softmax."""

include "harness.pxi"


cdef class Model:
    cdef double[::1] intercepts, coefficients

    def __init__(self, file, Plan plan):
        self.intercepts = read_array(file)
        self.coefficients = read_array(file)

    cdef void score(self, Plan plan, double *out) noexcept:
        cdef bint in_lanes = plan.fused and plan.is_dense()
        cdef double largest = -INFINITY, total = 0, share
        cdef Py_ssize_t i, n = plan.features
        for i in range(plan.outputs):
            out[i] = dot(&plan.feature[0], &self.coefficients[i * n], n, in_lanes) + self.intercepts[i]
            if out[i] > largest:
                largest = out[i]
        for i in range(plan.outputs):
            out[i] = exp(out[i] - largest)
            total += out[i]
        share = 1.0 / total
        for i in range(plan.outputs):
            out[i] *= share
