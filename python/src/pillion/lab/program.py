"""A program that scores rows: built where it has to be, then a process that answers commands."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from pillion.errors import ConfigurationError, PillionError
from pillion.scoring.java import find_java

PROGRAMS = Path(__file__).parent / "programs"
C_FLAGS = ("-O3", "-march=native", "-ffp-contract=off")
"""Optimised for this processor, and without contraction, which would change bits."""
_BUILD_TIMEOUT_S = 300
_SAID = 300
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
    """

    outputs: Doubles
    contracts: bool


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
        contracts = self._ask(f"check {rows} {self._file}")
        return Checked(np.fromfile(self._file).reshape(rows, self._outputs), contracts == "1")

    def time(self, rows: int, calls: int) -> float:
        """Scores so many rows again and again, and returns the seconds of all calls.

        Raises:
            ProgramFailed: The program ended.
        """
        return int(self._ask(f"time {rows} {calls}")) * 1e-9

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
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
        try:
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self._process.stdout.readline()
        if not line:
            status = self._process.wait()
            said = self._said.read_text(errors="replace").strip().splitlines()
            raise ProgramFailed(f"the program ended with {status}: {said[-1][:_SAID] if said else 'it said nothing'}")
        return line.strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def python_command(language: str, kind: str) -> list[str]:
    """Returns how a program in Python is started."""
    return [sys.executable, "-m", f"pillion.lab.programs.{language}.{kind}"]


@cache
def build_c(kind: str, folder: Path, flags: tuple[str, ...] = C_FLAGS) -> list[str]:
    """Builds a program in C, and returns how it is started.

    Raises:
        Absent: There is no C compiler, or it refuses the program.
    """
    compiler = _require("gcc", "C needs gcc")
    program = folder / f"c-{kind}"
    _build([compiler, *flags, "-o", str(program), str(PROGRAMS / "c" / f"{kind}.c"), "-lm"])
    return [str(program)]


@cache
def build_cython(kind: str, folder: Path) -> list[str]:
    """Builds a program in Cython, and returns how it is started.

    Raises:
        Absent: Cython, a C compiler or Python's headers are missing, or one refuses the program.
    """
    if find_spec("Cython") is None:
        raise Absent("Cython is not installed here; the extra pillion[lab] has it")
    compiler = _require("gcc", "Cython needs gcc")
    headers = Path(sysconfig.get_paths()["include"])
    if not (headers / "Python.h").is_file():
        raise Absent("Cython needs Python's headers, and there are none")
    home = folder / f"cython-{kind}"
    home.mkdir(exist_ok=True)
    source = PROGRAMS / "cython" / f"{kind}.pyx"
    _build([sys.executable, "-m", "cython", "-3", "-o", str(home / f"{kind}.c"), str(source)])
    flags = [*C_FLAGS, "-shared", "-fPIC", f"-I{headers}"]
    _build([compiler, *flags, "-o", str(home / f"{kind}.so"), str(home / f"{kind}.c"), "-lm"])
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(home)!r}); import {kind}; {kind}.run()"]


@cache
def build_go(kind: str, folder: Path) -> list[str]:
    """Builds a program in Go, and returns how it is started.

    Raises:
        Absent: There is no Go, or it refuses the program.
    """
    go = _require("go", "Go needs its compiler")
    program = folder / f"go-{kind}"
    sources = [str(PROGRAMS / "go" / name) for name in ("harness.go", f"{kind}.go")]
    _build([go, "build", "-o", str(program), *sources], {"GOFLAGS": "-mod=mod", "GO111MODULE": "off"})
    return [str(program)]


@cache
def build_java(main: str, folder: Path, jar: Path | None = None) -> list[str]:
    """Compiles a program in Java, and returns how it is started.

    Args:
        main: The class to start.
        folder: Where classes go.
        jar: The sidecar's, for programs that use it.

    Raises:
        Absent: There is no JDK, or it refuses the program.
    """
    try:
        java = find_java()
    except ConfigurationError as why:
        raise Absent(str(why)) from why
    beside = java.resolve().parent / "javac"
    compiler = str(beside) if beside.is_file() else _require("javac", "Java needs a JDK, and there is a runtime alone")
    classes = folder / f"java-{main}"
    path = str(classes) if jar is None else f"{classes}{os.pathsep}{jar}"
    sources = ["Engine.java"] if main == "Engine" else ["Harness.java", f"{main}.java"]
    _build([compiler, "-d", str(classes), "-cp", path, *(str(PROGRAMS / "java" / source) for source in sources)])
    return [str(java), "-XX:+UseSerialGC", "-Xshare:auto", "-cp", path, main]


def _require(program: str, sentence: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Absent(f"{sentence}, and there is none on PATH")
    return found


def _build(command: list[str], environment: Mapping[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_BUILD_TIMEOUT_S, check=False,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"{Path(command[0]).name} could not build it: {error}") from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode} and said nothing"]
        raise Absent(f"{Path(command[0]).name} refuses the program: {said[0][:_SAID]}")


def _one_thread() -> dict[str, str]:
    """The environment with libraries held to one thread, as all programs are compared on one."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "GOMAXPROCS")
    return {**os.environ, **dict.fromkeys(names, "1")}
