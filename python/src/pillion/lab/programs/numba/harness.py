"""What all programs with Numba share: reads plan and rows, prepares features, answers commands.

check N FILE   scores N rows and writes the outputs; answers 1 where the compiler contracts a * b + c, else 0, and the
               nanoseconds that a core compiled
time N CALLS   scores N rows that often; answers the nanoseconds of all calls
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numba import config, njit

OTHERWISE, ADD, MULTIPLY, BUCKET, IS, SCALE, CONSTANT = range(7)
NUMBER, LOGISTIC, SOFTMAX, BOOSTED_LOGISTIC, VOTES, MEAN = range(6)
Score = Callable[[Any], Any]


def read_array(file: BinaryIO) -> Any:
    """Reads numbers."""
    size = int.from_bytes(file.read(8), "little")
    return np.frombuffer(file.read(8 * size), dtype="<f8").copy()


def read_ints(file: BinaryIO) -> Any:
    """Reads whole numbers."""
    return read_array(file).astype(np.int64)


class Plan:
    """A plan without its model."""

    def __init__(self, file: BinaryIO) -> None:
        fields, self.sparse_below, rule, outputs, fused = read_array(file).tolist()
        self.fields, self.rule, self.outputs, self.fused = int(fields), int(rule), int(outputs), bool(fused)
        self.steps = read_ints(file).reshape(-1, 5)
        self.constants = read_array(file)
        self.features = read_ints(file)

    def prepare(self, rows: Any) -> Any:
        """Makes the features of all rows."""
        return prepare(rows, self.steps, self.constants, self.features)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def bucket(value: float, bounds: Any) -> float:
    """The interval that a number falls into."""
    if value != value:
        return len(bounds) - 1.0
    found = 0
    while found < len(bounds) - 2 and value >= bounds[found + 1]:
        found += 1
    return float(found)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def prepare(rows: Any, steps: Any, constants: Any, features: Any) -> Any:
    """Makes the features of all rows."""
    count, fields = rows.shape
    numbers = np.empty(fields + len(steps))
    out = np.empty((count, len(features)))
    for row in range(count):
        numbers[:fields] = rows[row]
        for i in range(len(steps)):
            operation, c = steps[i, 0], steps[i, 3]
            a, made = numbers[steps[i, 1]], 0.0
            if operation == OTHERWISE:
                made = constants[c] if a != a else a
            elif operation == ADD:
                made = a + numbers[steps[i, 2]]
            elif operation == MULTIPLY:
                made = a * numbers[steps[i, 2]]
            elif operation == BUCKET:
                made = bucket(a, constants[c : c + steps[i, 4]])
            elif operation == IS:
                made = 1.0 if a == constants[c] else 0.0
            elif operation == SCALE:
                made = (a - constants[c]) * constants[c + 1]
            else:
                made = constants[c]
            numbers[fields + i] = made
        for i in range(len(features)):
            out[row, i] = numbers[features[i]]
    return out


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def dot(x: Any, y: Any, in_lanes: bool) -> float:
    """A sum of products; two lanes where both vectors are dense, though without Spark's fused multiply-adds."""
    even, odd, start = 0.0, 0.0, 0
    if in_lanes:
        start = len(x) - len(x) % 2
        for i in range(0, start, 2):
            even += x[i] * y[i]
            odd += x[i + 1] * y[i + 1]
    total = even + odd
    for i in range(start, len(x)):
        total += x[i] * y[i]
    return total


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def is_dense(features: Any, sparse_below: float) -> bool:
    """Whether a row's vector is one that Spark keeps dense."""
    stored = 0
    for value in features:
        if value != 0.0:
            stored += 1
    return stored >= sparse_below


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def contracts(a: float, b: float, c: float) -> bool:
    """Whether a product and a sum are fused."""
    return a * b - c != 0.0


def first_time(nanoseconds: int) -> int:
    """What compiling took the first program that had the folder of compiled functions, which later ones only load."""
    kept = Path(config.CACHE_DIR) / "nanoseconds"
    if not kept.exists():
        kept.write_text(str(nanoseconds))
    return int(kept.read_text())


def run(read_model: Callable[[BinaryIO, Plan], Score]) -> None:
    """Answers commands until standard input ends; the first call compiles."""
    with open(sys.argv[1], "rb") as file:
        plan = Plan(file)
        score = read_model(file, plan)
    with open(sys.argv[2], "rb") as file:
        known = read_array(file).reshape(-1, plan.fields)
    # A core's time: other programs may start meanwhile.
    begin = time.process_time_ns()
    score(plan.prepare(known[:1]))
    compiled = first_time(time.process_time_ns() - begin)
    rows = known
    for line in sys.stdin:
        command, size, rest = line.rstrip("\n").split(" ", 2)
        if len(rows) != int(size):
            rows = known[np.arange(int(size)) % len(known)]
        if command == "check":
            np.ascontiguousarray(score(plan.prepare(rows))).tofile(rest)
            a = 1.0 + 2.0**-30
            print(int(contracts(a, a, a * a)), compiled, flush=True)
            continue
        begin = time.perf_counter_ns()
        for _ in range(int(rest)):
            score(plan.prepare(rows))
        print(time.perf_counter_ns() - begin, flush=True)
