"""A program that scores rows: a process that answers commands."""

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from pillion.errors import PillionError

SAID = 300
"""So many characters of what a program said before it ended are told."""
Doubles = npt.NDArray[np.float64]


class Absent(PillionError):
    """A way that can't be had here, and why; it is left out, and the page says so."""

    code = "absent"


class ProgramFailed(PillionError):
    """A program that was running ended."""

    code = "program_failed"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a program gave.

    Attributes:
        outputs: Shape (rows, outputs).
        contracts: Whether its compiler made fused multiply-adds of products and sums.
        compile_s: Seconds of compiling before the first call; 0 of a program that does not.
    """

    outputs: Doubles
    contracts: bool = False
    compile_s: float = 0.0


class Program(Protocol):
    """What scores the rows of a workspace; used within `with`, which ends it."""

    def check(self, rows: int) -> Checked:
        """Scores so many rows once, and returns what it gave."""
        ...

    def time(self, rows: int, calls: int) -> float:
        """Scores so many rows again and again, and returns the seconds of all calls."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class RunningProgram:
    """A process that answers the commands of the programs' harness."""

    def __init__(self, command: Sequence[str], scratch: Path, outputs: int) -> None:
        self._outputs = outputs
        self._file = scratch / f"{os.getpid()}-{id(self)}.out"
        self._said = scratch / f"{os.getpid()}-{id(self)}.err"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True, env=_one_thread()
            )

    def check(self, rows: int) -> Checked:
        """Scores so many rows once, and returns what it gave.

        Raises:
            ProgramFailed: The program ended.
        """
        contracts, _, compiled = self._ask(f"check {rows} {self._file}").partition(" ")
        outputs = np.fromfile(self._file).reshape(rows, self._outputs)
        return Checked(outputs, contracts == "1", int(compiled or 0) * 1e-9)

    def time(self, rows: int, calls: int) -> float:
        """Scores so many rows again and again, and returns the seconds of all calls.

        Raises:
            ProgramFailed: The program ended.
        """
        return int(self._ask(f"time {rows} {calls}")) * 1e-9

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # What a program that has ended did not take is written again when its pipe is closed.
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._file.unlink(missing_ok=True)
        self._said.unlink(missing_ok=True)

    def _ask(self, command: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            status = self._process.wait()
            lines = self._said.read_text(errors="replace").strip().splitlines()
            said = [line for line in lines if not line.startswith("\t")]  # without the frames of a stack in Java
            raise ProgramFailed(f"the program ended with {status}: {said[-1][:SAID] if said else 'it said nothing'}")
        return line.strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _one_thread() -> dict[str, str]:
    """The environment with libraries held to one thread, as all programs are compared on one."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GOMAXPROCS")
    return {**os.environ, **dict.fromkeys(names, "1")}
