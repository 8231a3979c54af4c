"""The programs of each language: built where they have to be, and how each is started."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import ParamSpec

from pillion.errors import ConfigurationError
from pillion.lab.machine import processor
from pillion.lab.program import SAID, Absent
from pillion.scoring.java import find_java

PROGRAMS = Path(__file__).parent / "programs"
C_FLAGS = ("-O3", "-march=native", "-ffp-contract=off")
"""Optimised for this processor, and without contraction, which would change bits."""
_BUILD_TIMEOUT_S = 300
_Given = ParamSpec("_Given")


def _once(build: Callable[_Given, list[str]]) -> Callable[_Given, list[str]]:
    """Keeps what a build returns, and lets ways that need the same program at one time wait for it."""
    kept, building = cache(build), Lock()

    @wraps(build)
    def built(*args: _Given.args, **kwargs: _Given.kwargs) -> list[str]:
        with building:
            return kept(*args, **kwargs)  # type: ignore[arg-type]

    return built


def python_command(language: str, kind: str) -> list[str]:
    """Returns how a program in Python is started."""
    return [sys.executable, "-m", f"pillion.lab.programs.{language}.{kind}"]


@_once
def build_c(kind: str, folder: Path, flags: tuple[str, ...] = C_FLAGS) -> list[str]:
    """Builds a program in C, and returns how it is started.

    Raises:
        Absent: There is no C compiler, or it refuses the program.
    """
    compiler = _require("gcc", "C needs gcc")
    program = folder / f"c-{kind}"
    _build(program, [compiler, *flags, "-o", str(program), str(PROGRAMS / "c" / f"{kind}.c"), "-lm"])
    return [str(program)]


@_once
def prepare_numba(kind: str, folder: Path) -> list[str]:
    """Returns how a program with Numba is started; what the first one compiles, later ones take from its folder.

    Raises:
        Absent: Numba is not installed.
    """
    if find_spec("numba") is None:
        raise Absent("Numba is not installed here; the extra pillion[lab] has it")
    home = folder / f"numba-{kind}"
    # Numba sees that a function's own file has changed, but not that one which the function calls has. Without the
    # time, not all was compiled, and the rest's would be told as that of all.
    of = _made_of(version("numba"), sys.version)
    if not ((home / "nanoseconds").is_file() and _is_made_of(home, of)):
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        _stamp(home).write_text(of)
    return ["env", f"NUMBA_CACHE_DIR={home}", *python_command("numba", kind)]


@_once
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
    in_c, library = home / f"{kind}.c", home / f"{kind}.so"
    _build(in_c, [sys.executable, "-m", "cython", "-3", "-o", str(in_c), str(source)])
    flags = [*C_FLAGS, "-shared", "-fPIC", f"-I{headers}"]
    _build(library, [compiler, *flags, "-o", str(library), str(in_c), "-lm"])
    return [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(home)!r}); import {kind}; {kind}.run()"]


@_once
def build_go(kind: str, folder: Path) -> list[str]:
    """Builds a program in Go, and returns how it is started.

    Raises:
        Absent: There is no Go, or it refuses the program.
    """
    go = _require("go", "Go needs its compiler")
    program = folder / f"go-{kind}"
    sources = [str(PROGRAMS / "go" / name) for name in ("harness.go", f"{kind}.go")]
    _build(program, [go, "build", "-o", str(program), *sources], {"GOFLAGS": "-mod=mod", "GO111MODULE": "off"})
    return [str(program)]


@_once
def build_cgo(kind: str, folder: Path) -> list[str]:
    """Builds a host in Go with the program in C in it, and returns how it is started.

    Raises:
        Absent: There is no Go or no C compiler, or one refuses the program.
    """
    go = _require("go", "cgo needs Go's compiler")
    _require("gcc", "cgo needs gcc")
    program = folder / f"cgo-{kind}"
    flags = [*C_FLAGS, f"'-I{PROGRAMS / 'c'}'", f'-DPROGRAM="{kind}.c"']
    environment = {"GO111MODULE": "off", "CGO_ENABLED": "1", "CC": "gcc", "CGO_CFLAGS": " ".join(flags)}
    _build(program, [go, "build", "-o", str(program), str(PROGRAMS / "cgo" / "host.go")], environment)
    return [str(program)]


@_once
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
    command = [compiler, "-d", str(classes), "-cp", path, *(str(PROGRAMS / "java" / source) for source in sources)]
    _build(classes, command, uses=[] if jar is None else [jar])
    return [str(java), "-XX:+UseSerialGC", "-Xshare:auto", "-cp", path, main]


def _require(program: str, sentence: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Absent(f"{sentence}, and there is none on PATH")
    return found


def _build(
    made: Path, command: list[str], environment: Mapping[str, str] | None = None, uses: Sequence[Path] = ()
) -> None:
    """Runs a compiler, unless the same one has made the same file or folder of the same sources."""
    environment = environment or {}
    try:
        files = (f"{file} {file.stat().st_mtime_ns}" for file in (Path(command[0]), *uses))
        of = _made_of(processor(), *command, *files, *(f"{name}={value}" for name, value in environment.items()))
        if made.exists() and _is_made_of(made, of):
            return
        _stamp(made).unlink(missing_ok=True)
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=_BUILD_TIMEOUT_S, check=False,
            env={**os.environ, **environment},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"{Path(command[0]).name} could not build it: {error}") from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode} and said nothing"]
        raise Absent(f"{Path(command[0]).name} refuses the program: {said[0][:SAID]}")
    _stamp(made).write_text(of)


def _made_of(*others: str) -> str:
    """What tells the programs' sources, and what else one is made of, from others."""
    parts = [*_sources(), *(other.encode() for other in others)]
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()


@cache
def _sources() -> tuple[bytes, ...]:
    found = sorted(file for file in PROGRAMS.rglob("*") if file.is_file() and file.suffix != ".pyc")
    return tuple(file.read_bytes() for file in found)


def _is_made_of(made: Path, of: str) -> bool:
    stamp = _stamp(made)
    return stamp.is_file() and stamp.read_text() == of


def _stamp(made: Path) -> Path:
    """The file that says what was made of what."""
    return made.with_name(f"{made.name}.made-of")
