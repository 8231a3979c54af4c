# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Trees in arrays of nodes: boosted ones and forests."""

include "harness.pxi"


cdef class Model:
    cdef double[::1] weights, threshold, count, goes_left, values, predictions
    cdef long long[::1] roots, feature, left, right, first

    def __init__(self, file, Plan plan):
        self.weights, self.roots = read_array(file), read_ints(file)
        self.feature, self.threshold = read_ints(file), read_array(file)
        self.left, self.right = read_ints(file), read_ints(file)
        self.first, self.count = read_ints(file), read_array(file)
        self.goes_left, self.values = read_array(file), read_array(file)
        self.predictions = array("d", [0.0] * len(self.roots))

    cdef long long leaf(self, Plan plan, Py_ssize_t tree) noexcept:
        cdef long long node = self.roots[tree]
        cdef double value
        cdef bint goes
        while self.feature[node] >= 0:
            value = plan.feature[self.feature[node]]
            if self.first[node] < 0:
                goes = value <= self.threshold[node]
            else:
                goes = value < self.count[node] and self.goes_left[self.first[node] + <long long>value] != 0.0
            node = self.left[node] if goes else self.right[node]
        return self.left[node]

    cdef void score(self, Plan plan, double *out) noexcept:
        cdef Py_ssize_t tree, i, trees = len(self.roots)
        cdef long long at
        cdef double total = 0, margin
        if plan.rule == VOTES:
            for i in range(plan.outputs):
                out[i] = 0.0
            for tree in range(trees):
                at = self.leaf(plan, tree) * plan.outputs
                for i in range(plan.outputs):
                    out[i] += self.values[at + i]
            for i in range(plan.outputs):
                total += out[i]
            for i in range(plan.outputs):
                out[i] /= total
            return
        for tree in range(trees):
            self.predictions[tree] = self.values[self.leaf(plan, tree)]
        if plan.rule == MEAN:
            for tree in range(trees):
                total += self.predictions[tree]
            out[0] = total / trees
            return
        margin = dot(&self.predictions[0], &self.weights[0], trees, plan.fused)
        if plan.rule == BOOSTED_LOGISTIC:
            logistic(2.0 * margin, out)
        else:
            out[0] = margin
