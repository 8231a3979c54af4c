"""What all programs with NumPy share: reads plan and rows, prepares all rows' features, answers commands.

check N FILE   scores N rows and writes the outputs; answers 0, as NumPy contracts nothing
time N CALLS   scores N rows that often; answers the nanoseconds of all calls
"""

import sys
import time
from collections.abc import Callable
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

OTHERWISE, ADD, MULTIPLY, BUCKET, IS, SCALE, CONSTANT = range(7)
NUMBER, LOGISTIC, SOFTMAX, BOOSTED_LOGISTIC, VOTES, MEAN = range(6)
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Score = Callable[[Doubles], Doubles]


def read_array(file: BinaryIO) -> Doubles:
    """Reads numbers."""
    size = int.from_bytes(file.read(8), "little")
    return np.frombuffer(file.read(8 * size), dtype="<f8")


def read_ints(file: BinaryIO) -> Ints:
    """Reads whole numbers."""
    return read_array(file).astype(np.int64)


class Plan:
    """A plan without its model."""

    def __init__(self, file: BinaryIO) -> None:
        fields, _, rule, outputs, _ = read_array(file).tolist()
        self.fields, self.rule, self.outputs = int(fields), int(rule), int(outputs)
        self.steps = read_ints(file).reshape(-1, 5).tolist()
        self.constants = read_array(file)
        self.features = read_ints(file)

    def prepare(self, rows: Doubles) -> Doubles:
        """Makes the features of all rows."""
        numbers = np.empty((self.fields + len(self.steps), len(rows)))
        numbers[: self.fields] = rows.T
        for made, (operation, first, second, c, count) in enumerate(self.steps, self.fields):
            a, constants = numbers[first], self.constants[c : c + count]
            if operation == OTHERWISE:
                numbers[made] = np.where(np.isnan(a), constants[0], a)
            elif operation == ADD:
                numbers[made] = a + numbers[second]
            elif operation == MULTIPLY:
                numbers[made] = a * numbers[second]
            elif operation == BUCKET:
                inside = np.minimum(np.searchsorted(constants, a, side="right") - 1, count - 2)
                numbers[made] = np.where(np.isnan(a), count - 1, inside)
            elif operation == IS:
                numbers[made] = a == constants[0]
            elif operation == SCALE:
                numbers[made] = (a - constants[0]) * constants[1]
            else:
                numbers[made] = constants[0]
        return numbers[self.features].T


def logistic(margins: Doubles) -> Doubles:
    """The probabilities of both classes."""
    with np.errstate(over="ignore"):
        negative = 1.0 / (1.0 + np.exp(margins))
    return np.column_stack([negative, 1.0 - negative])


def run(read_model: Callable[[BinaryIO, Plan], Score]) -> None:
    """Answers commands until standard input ends."""
    with open(sys.argv[1], "rb") as file:
        plan = Plan(file)
        score = read_model(file, plan)
    with open(sys.argv[2], "rb") as file:
        known = read_array(file).reshape(-1, plan.fields)
    rows = known
    for line in sys.stdin:
        command, size, rest = line.rstrip("\n").split(" ", 2)
        if len(rows) != int(size):
            rows = known[np.arange(int(size)) % len(known)]
        if command == "check":
            np.ascontiguousarray(score(plan.prepare(rows))).tofile(rest)
            print(0, flush=True)
            continue
        begin = time.perf_counter_ns()
        for _ in range(int(rest)):
            score(plan.prepare(rows))
        print(time.perf_counter_ns() - begin, flush=True)
