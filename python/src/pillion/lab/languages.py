"""The question of the language: the same plan and rows by programs in each, beside the engines."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

from pillion.lab.builds import build_c, build_cython, build_go, build_java, prepare_numba, python_command
from pillion.lab.libraries import LIBRARIES, start_scikit_learn
from pillion.lab.program import Absent, Program, RunningProgram
from pillion.lab.workspace import Workspace

PYTHON = "plain Python"
ENGINE = "Pillion, in a Java host"
OWN_LIBRARY = "its own library, with the model that was kept"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to have the model's rows scored.

    Attributes:
        name: On the page.
        about: What is timed, in a few words.
        start: Starts it.
        prepare: Is called before a number of rows is asked for the first time.
        jit: What is compiled as it runs, so that its first calls are slow ones; several ways of one name call the same
            code of the same process. Empty where nothing is.
    """

    name: str
    about: str
    start: Callable[[Workspace], Program]
    prepare: Callable[[Workspace, int], None] = lambda workspace, rows: None
    jit: str = ""


def language_ways(*, slow: bool = True) -> tuple[Way, ...]:
    """Returns all ways of the question, the slowest language first.

    Args:
        slow: Whether Cython and Spark itself are among them, which take many seconds to be built or to start.
    """
    about = "the pipeline's transform with one core, a frame in memory in, rows collected out"
    return (
        Way(PYTHON, "lists and loops, the standard library alone", _python("plain_python")),
        Way("NumPy", "a column at a time", _python("numpy")),
        Way("Numba", "a plain loop over rows, compiled before it is timed", _numba),
        Way("Cython", "a plain loop over rows", _cython if slow else _too_slow),
        Way("Java", "a plain loop over rows", _java, jit="Java"),
        Way("Go", "a plain loop over rows", _go),
        c_way("C"),
        Way("scikit-learn", "its own linear models, with the plan's numbers; features by NumPy", start_scikit_learn),
        *(Way(library.name, f"{OWN_LIBRARY}; features by NumPy", library.start) for library in LIBRARIES),
        engine_way(ENGINE, "compiled"),
        engine_way("JPMML's interpreter", "jpmml"),
        jpype_way("Pillion, from Python"),
        Way("Spark, local", about, _spark if slow else _too_slow, jit="Spark"),
    )  # fmt: skip


def engine_way(name: str, engine: str, threads: int = 1) -> Way:
    """Returns the way of an engine in a Java host, its rows there as columns."""

    def start(workspace: Workspace) -> Program:
        command = build_java("Engine", workspace.programs, workspace.jar)
        arguments = [str(workspace.document), engine, str(workspace.folder), str(threads), *workspace.model.outputs]
        return workspace.share([*command, *arguments])

    def prepare(workspace: Workspace, rows: int) -> None:
        workspace.pack(rows, threads)

    share = "" if threads == 1 else f", its rows shared by {threads} threads"
    about = f"the engine '{engine}' in a Java host{share}; columns in, columns out, texts looked up"
    return Way(name, about, start, prepare, jit=name)


def c_way(name: str) -> Way:
    """Returns the way of a program in C."""
    return Way(name, "a plain loop over rows, gcc -O3 -march=native -ffp-contract=off", _c)


def jpype_way(name: str) -> Way:
    """Returns the way of the engine in Python's process."""
    about = "the engine in Python's process, by JPype; packed rows in, packed outputs out"
    return Way(name, about, _jpype, Workspace.pack, jit=name)


def _python(language: str) -> Callable[[Workspace], RunningProgram]:
    return lambda workspace: workspace.run(python_command(language, workspace.kind))


def _numba(workspace: Workspace) -> RunningProgram:
    return workspace.run(prepare_numba(workspace.kind, workspace.programs))


def _spark(workspace: Workspace) -> RunningProgram:
    home = workspace.pipeline.parent
    if find_spec("pyspark") is None:
        raise Absent("Spark is not installed here; the extra pillion[train] has it")
    column = workspace.flat.model.column
    (workspace.folder / "rows.json").write_text(json.dumps(dict(workspace.model.columns)))
    command = [*python_command("spark", "local"), str(home.resolve()), str(workspace.folder), column]
    return workspace.start(command)


def _too_slow(_: Workspace) -> RunningProgram:
    raise Absent("it takes long to be built or to start, and a quick run leaves it out")


def _cython(workspace: Workspace) -> RunningProgram:
    return workspace.run(build_cython(workspace.kind, workspace.programs))


def _c(workspace: Workspace) -> Program:
    return workspace.share([*build_c(workspace.kind, workspace.programs), *workspace.files])


def _go(workspace: Workspace) -> RunningProgram:
    return workspace.run(build_go(workspace.kind, workspace.programs))


def _java(workspace: Workspace) -> RunningProgram:
    return workspace.run(build_java(workspace.kind.title(), workspace.programs))


def _jpype(workspace: Workspace) -> Program:
    arguments = [str(workspace.document), str(workspace.folder), str(workspace.jar), *workspace.model.outputs]
    return workspace.share([*python_command("jpype", "engine"), *arguments])
