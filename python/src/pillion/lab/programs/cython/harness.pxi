# What all programs in Cython share: reads plan and rows, prepares a row's features, answers commands.
#
#     check N FILE   scores N rows and writes the outputs; answers 1 where the compiler contracts a * b + c, else 0
#     time N CALLS   scores N rows that often; answers the nanoseconds of all calls
import sys
import time
from array import array

from libc.math cimport exp, fma, INFINITY

cdef enum:
    OTHERWISE, ADD, MULTIPLY, BUCKET, IS, SCALE, CONSTANT

cdef enum:
    NUMBER, LOGISTIC, SOFTMAX, BOOSTED_LOGISTIC, VOTES, MEAN


def read_array(file):
    """Reads numbers; at least one, so that there is memory to point at."""
    size = int.from_bytes(file.read(8), "little")
    values = array("d")
    values.frombytes(file.read(8 * size))
    return values if size else array("d", [0.0])


def read_ints(file):
    """Reads whole numbers."""
    return array("q", [int(value) for value in read_array(file)])


cdef double bucket(double value, double[::1] constants, long long first, long long count) noexcept:
    cdef long long found = 0
    if value != value:
        return count - 1
    while found < count - 2 and value >= constants[first + found + 1]:
        found += 1
    return found


cdef double dot(const double *x, const double *y, Py_ssize_t n, bint in_lanes) noexcept:
    """A sum of products in Spark's order: two fused lanes where both vectors are dense."""
    cdef double even = 0, odd = 0, total
    cdef Py_ssize_t i = 0
    if in_lanes:
        while i < n - 1:
            even = fma(x[i], y[i], even)
            odd = fma(x[i + 1], y[i + 1], odd)
            i += 2
    total = even + odd
    while i < n:
        total += x[i] * y[i]
        i += 1
    return total


cdef void logistic(double margin, double *out) noexcept:
    out[0] = 1.0 / (1.0 + exp(margin))
    out[1] = 1.0 - out[0]


cdef bint contracts(double a, double b, double c) noexcept:
    return a * b - c != 0.0


cdef class Plan:
    """A plan without its model."""
    cdef Py_ssize_t fields, outputs, features, steps
    cdef int rule
    cdef bint fused
    cdef double sparse_below
    cdef long long[::1] preparation, feature_numbers
    cdef double[::1] constants, numbers, feature

    def __init__(self, file):
        about = read_array(file)
        self.fields, self.sparse_below, self.rule = int(about[0]), about[1], int(about[2])
        self.outputs, self.fused = int(about[3]), about[4] != 0.0
        size = int.from_bytes(file.read(8), "little")
        self.steps = size // 5
        whole = array("d")
        whole.frombytes(file.read(8 * size))
        self.preparation = array("q", [int(value) for value in whole] or [0])
        self.constants = read_array(file)
        self.feature_numbers = read_ints(file)
        self.features = len(self.feature_numbers)
        self.numbers = array("d", [0.0] * (self.fields + self.steps + 1))
        self.feature = array("d", [0.0] * self.features)

    cdef void prepare(self, const double *row) noexcept:
        cdef Py_ssize_t i
        cdef long long c
        cdef double a, made
        for i in range(self.fields):
            self.numbers[i] = row[i]
        for i in range(self.steps):
            a = self.numbers[self.preparation[5 * i + 1]]
            c = self.preparation[5 * i + 3]
            operation = self.preparation[5 * i]
            if operation == OTHERWISE:
                made = self.constants[c] if a != a else a
            elif operation == ADD:
                made = a + self.numbers[self.preparation[5 * i + 2]]
            elif operation == MULTIPLY:
                made = a * self.numbers[self.preparation[5 * i + 2]]
            elif operation == BUCKET:
                made = bucket(a, self.constants, c, self.preparation[5 * i + 4])
            elif operation == IS:
                made = 1.0 if a == self.constants[c] else 0.0
            elif operation == SCALE:
                made = (a - self.constants[c]) * self.constants[c + 1]
            else:
                made = self.constants[c]
            self.numbers[self.fields + i] = made
        for i in range(self.features):
            self.feature[i] = self.numbers[self.feature_numbers[i]]

    cdef bint is_dense(self) noexcept:
        """Whether a row's vector is one that Spark keeps dense."""
        cdef Py_ssize_t stored = 0, i
        for i in range(self.features):
            stored += self.feature[i] != 0.0
        return stored >= self.sparse_below


cdef void score_all(Plan plan, Model model, const double *rows, Py_ssize_t count, double *out) noexcept:
    cdef Py_ssize_t row
    for row in range(count):
        plan.prepare(rows + row * plan.fields)
        model.score(plan, out + row * plan.outputs)


def run():
    """Answers commands until standard input ends."""
    cdef double[::1] rows, out
    cdef Py_ssize_t count
    cdef double a = 1.0 + 2.0**-30
    with open(sys.argv[1], "rb") as file:
        plan = Plan(file)
        model = Model(file, plan)
    with open(sys.argv[2], "rb") as file:
        known = read_array(file)
    for line in sys.stdin:
        command, size, rest = line.rstrip("\n").split(" ", 2)
        count = int(size)
        numbers = count * plan.fields
        rows = (known * (numbers // len(known) + 1))[:numbers]
        made = array("d", bytes(8 * count * plan.outputs))
        out = made
        if command == "check":
            score_all(plan, model, &rows[0], count, &out[0])
            with open(rest, "wb") as file:
                made.tofile(file)
            print(int(contracts(a, a, a * a)), flush=True)
            continue
        begin = time.perf_counter_ns()
        for _ in range(int(rest)):
            score_all(plan, model, &rows[0], count, &out[0])
        print(time.perf_counter_ns() - begin, flush=True)
