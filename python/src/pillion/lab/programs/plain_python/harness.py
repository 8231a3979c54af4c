"""What all programs in plain Python share: reads plan and rows, prepares a row's features, answers commands.

check N FILE   scores N rows and writes the outputs; answers 0, as Python contracts nothing
time N CALLS   scores N rows that often; answers the nanoseconds of all calls
"""

import math
import sys
import time
from array import array
from collections.abc import Callable
from typing import BinaryIO

OTHERWISE, ADD, MULTIPLY, BUCKET, IS, SCALE, CONSTANT = range(7)
NUMBER, LOGISTIC, SOFTMAX, BOOSTED_LOGISTIC, VOTES, MEAN = range(6)
Score = Callable[[list[float]], list[float]]
Fma = Callable[[float, float, float], float]
# Python has a fused multiply-add from 3.13 on; before, the last bits of a sum are others.
fma: Fma = getattr(math, "fma", lambda x, y, z: x * y + z)


def read_array(file: BinaryIO) -> list[float]:
    """Reads numbers."""
    size = int.from_bytes(file.read(8), "little")
    values = array("d")
    values.frombytes(file.read(8 * size))
    return values.tolist()


def read_ints(file: BinaryIO) -> list[int]:
    """Reads whole numbers."""
    return [int(value) for value in read_array(file)]


class Plan:
    """A plan without its model."""

    def __init__(self, file: BinaryIO) -> None:
        fields, self.sparse_below, rule, outputs, fused = read_array(file)
        self.fields, self.rule, self.outputs, self.fused = int(fields), int(rule), int(outputs), bool(fused)
        steps = read_ints(file)
        self.steps = [tuple(steps[i : i + 5]) for i in range(0, len(steps), 5)]
        self.constants = read_array(file)
        self.features = read_ints(file)

    def prepare(self, row: list[float]) -> list[float]:
        """Makes the features of a row."""
        numbers, constants = row.copy(), self.constants
        for operation, first, second, c, count in self.steps:
            a = numbers[first]
            if operation == OTHERWISE:
                made = constants[c] if a != a else a
            elif operation == ADD:
                made = a + numbers[second]
            elif operation == MULTIPLY:
                made = a * numbers[second]
            elif operation == BUCKET:
                made = bucket(a, constants[c : c + count])
            elif operation == IS:
                made = 1.0 if a == constants[c] else 0.0
            elif operation == SCALE:
                made = (a - constants[c]) * constants[c + 1]
            else:
                made = constants[c]
            numbers.append(made)
        return [numbers[i] for i in self.features]

    def is_dense(self, features: list[float]) -> bool:
        """Whether a row's vector is one that Spark keeps dense."""
        return len(features) - features.count(0.0) >= self.sparse_below


def bucket(value: float, bounds: list[float]) -> float:
    """The interval that a number falls into."""
    if value != value:
        return len(bounds) - 1.0
    found = 0
    while found < len(bounds) - 2 and value >= bounds[found + 1]:
        found += 1
    return float(found)


def dot(x: list[float], y: list[float], in_lanes: bool) -> float:
    """A sum of products in Spark's order: two fused lanes where both vectors are dense."""
    even = odd = 0.0
    start = 0
    if in_lanes:
        start = len(x) - len(x) % 2
        for i in range(0, start, 2):
            even = fma(x[i], y[i], even)
            odd = fma(x[i + 1], y[i + 1], odd)
    total = even + odd
    for i in range(start, len(x)):
        total += x[i] * y[i]
    return total


def logistic(margin: float) -> list[float]:
    """The probabilities of both classes."""
    negative = 1.0 / (1.0 + math.exp(margin)) if margin < 709.0 else 0.0
    return [negative, 1.0 - negative]


def run(read_model: Callable[[BinaryIO, Plan], Score]) -> None:
    """Answers commands until standard input ends."""
    with open(sys.argv[1], "rb") as file:
        plan = Plan(file)
        score = read_model(file, plan)
    with open(sys.argv[2], "rb") as file:
        flat = read_array(file)
    known = [flat[i : i + plan.fields] for i in range(0, len(flat), plan.fields)]
    for line in sys.stdin:
        command, size, rest = line.rstrip("\n").split(" ", 2)
        rows = [known[i % len(known)] for i in range(int(size))]
        if command == "check":
            out = array("d", [value for row in rows for value in score(plan.prepare(row))])
            with open(rest, "wb") as file:
                file.write(out.tobytes())
            print(0, flush=True)
            continue
        begin = time.perf_counter_ns()
        for _ in range(int(rest)):
            for row in rows:
                score(plan.prepare(row))
        print(time.perf_counter_ns() - begin, flush=True)
