"""The question of the language: the same plan and rows by programs in each, beside the engines."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from pillion.lab.builds import build_c, build_cython, build_go, build_java, prepare_numba, python_command
from pillion.lab.flat_model import Kind
from pillion.lab.flat_plan import FlatPlan
from pillion.lab.kept_booster import read_booster
from pillion.lab.lab_model import LabModel
from pillion.lab.program import Absent, Program, RunningProgram
from pillion.scoring.batch_codec import encode
from pillion.scoring.repository import PIPELINE

PYTHON = "plain Python"
ENGINE = "Pillion, in a Java host"


class Workspace:
    """A folder with what the programs read: the plan, the rows, and packed batches for the engines.

    Args:
        folder: Of this model, within one that all models share.
        model: What is measured.
        jar: The sidecar's.
    """

    def __init__(self, folder: Path, model: LabModel, jar: Path) -> None:
        self.folder, self.model, self.jar = folder, model, jar
        self.programs = folder.parent / "programs"
        """Where programs are built, once for all models."""
        for each in (folder, self.programs):
            each.mkdir(parents=True, exist_ok=True)
        self.document = folder / "model.pmml"
        self.document.write_bytes(model.document)
        if model.flat is not None:
            (folder / "plan.bin").write_bytes(model.flat.to_bytes())
            rows = model.matrix()
            (folder / "expected.bin").write_bytes(model.expected.astype("<f8").tobytes())
            (folder / "rows.bin").write_bytes(
                np.array([rows.size], dtype="<i8").tobytes() + rows.astype("<f8").tobytes()
            )

    @property
    def flat(self) -> FlatPlan:
        """The plan.

        Raises:
            Absent: It can't be had, and why.
        """
        if self.model.flat is None:
            raise Absent(self.model.unsupported)
        return self.model.flat

    @property
    def kind(self) -> Kind:
        """The kind of model that programs in each language compute.

        Raises:
            Absent: They can't compute it, and why.
        """
        if self.model.unsupported:
            raise Absent(self.model.unsupported)
        return self.flat.model.kind

    def pack(self, rows: int, threads: int = 1) -> None:
        """Writes the batch of so many rows for the engines, in as many parts as there are threads."""
        share = -(-rows // threads)
        for part in range(threads):
            name = f"{rows}.batch" if threads == 1 else f"{rows}-{part}.batch"
            start, count = part * share, min(share, rows - part * share)
            if count > 0 and not (self.folder / name).exists():
                batch = self.model.batch(count, start)
                (self.folder / name).write_bytes(encode(batch, self.model.types, count))

    def start(self, command: list[str]) -> RunningProgram:
        """Starts a program that scores the model's rows."""
        return RunningProgram(command, self.folder, len(self.model.outputs))

    def run(self, command: list[str], *arguments: str) -> RunningProgram:
        """Starts a program on the plan."""
        return self.start([*command, str(self.folder / "plan.bin"), str(self.folder / "rows.bin"), *arguments])


@dataclass(frozen=True, slots=True)
class Way:
    """One way to have the model's rows scored.

    Attributes:
        name: On the page.
        about: What is timed, in a few words.
        start: Starts it.
        prepare: Is called before a number of rows is asked for the first time.
    """

    name: str
    about: str
    start: Callable[[Workspace], Program]
    prepare: Callable[[Workspace, int], None] = lambda workspace, rows: None


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
        Way("Java", "a plain loop over rows", _java),
        Way("Go", "a plain loop over rows", _go),
        c_way("C"),
        Way("scikit-learn", "its own linear models, with the plan's numbers; features by NumPy", _scikit_learn),
        Way("XGBoost", "its own library, with the model that was kept; features by NumPy", _xgboost),
        engine_way(ENGINE, "compiled"),
        engine_way("JPMML's interpreter", "jpmml"),
        jpype_way("Pillion, from Python"),
        Way("Spark, local", about, _spark if slow else _too_slow),
    )  # fmt: skip


def engine_way(name: str, engine: str, threads: int = 1) -> Way:
    """Returns the way of an engine in a Java host, its rows there as columns."""

    def start(workspace: Workspace) -> RunningProgram:
        command = build_java("Engine", workspace.programs, workspace.jar)
        arguments = [str(workspace.document), engine, str(workspace.folder), str(threads), *workspace.model.outputs]
        return workspace.start([*command, *arguments])

    def prepare(workspace: Workspace, rows: int) -> None:
        workspace.pack(rows, threads)

    share = "" if threads == 1 else f", its rows shared by {threads} threads"
    about = f"the engine '{engine}' in a Java host{share}; columns in, columns out, texts looked up"
    return Way(name, about, start, prepare)


def c_way(name: str) -> Way:
    """Returns the way of a program in C."""
    return Way(name, "a plain loop over rows, gcc -O3 -march=native -ffp-contract=off", _c)


def jpype_way(name: str) -> Way:
    """Returns the way of the engine in Python's process."""
    return Way(
        name, "the engine in Python's process, by JPype; packed rows in, packed outputs out", _jpype, Workspace.pack
    )


def _python(language: str) -> Callable[[Workspace], RunningProgram]:
    return lambda workspace: workspace.run(python_command(language, workspace.kind))


def _numba(workspace: Workspace) -> RunningProgram:
    return workspace.run(prepare_numba(workspace.kind, workspace.programs))


def _scikit_learn(workspace: Workspace) -> RunningProgram:
    if find_spec("sklearn") is None:
        raise Absent("scikit-learn is not installed here; the extra pillion[boosters] has it")
    if workspace.kind == "trees":
        raise Absent("its trees take features of single precision and know no categories, so they can't hold Spark's")
    return workspace.run(python_command("scikit_learn", workspace.kind))


def _xgboost(workspace: Workspace) -> RunningProgram:
    if workspace.flat.model.kind != "xgboost":
        raise Absent("the model is none of XGBoost's")
    if find_spec("xgboost") is None:
        raise Absent("XGBoost is not installed here; the extra pillion[boosters] has it")
    booster = workspace.folder / "booster"
    booster.write_bytes(read_booster(_pipeline(workspace.model)))
    return workspace.run(python_command("xgboost", "trees"), str(booster))


def _pipeline(model: LabModel) -> Path:
    """The pipeline that was kept with a version."""
    if model.home is None or not (model.home / PIPELINE).is_file():
        raise Absent("no pipeline is kept with this version")
    return model.home / PIPELINE


def _spark(workspace: Workspace) -> RunningProgram:
    model = workspace.model
    home = _pipeline(model).parent
    if find_spec("pyspark") is None:
        raise Absent("Spark is not installed here; the extra pillion[train] has it")
    column = workspace.flat.model.column
    (workspace.folder / "rows.json").write_text(json.dumps(dict(model.columns)))
    command = [*python_command("spark", "local"), str(home.resolve()), str(workspace.folder), column]
    return workspace.start(command)


def _too_slow(_: Workspace) -> RunningProgram:
    raise Absent("it takes long to be built or to start, and a quick run leaves it out")


def _cython(workspace: Workspace) -> RunningProgram:
    return workspace.run(build_cython(workspace.kind, workspace.programs))


def _c(workspace: Workspace) -> RunningProgram:
    return workspace.run(build_c(workspace.kind, workspace.programs))


def _go(workspace: Workspace) -> RunningProgram:
    return workspace.run(build_go(workspace.kind, workspace.programs))


def _java(workspace: Workspace) -> RunningProgram:
    return workspace.run(build_java(workspace.kind.title(), workspace.programs))


def _jpype(workspace: Workspace) -> RunningProgram:
    arguments = [str(workspace.document), str(workspace.folder), str(workspace.jar), *workspace.model.outputs]
    return workspace.start([*python_command("jpype", "engine"), *arguments])


@contextmanager
def started(ways: tuple[Way, ...], workspace: Workspace) -> Iterator[tuple[dict[str, Program], dict[str, str]]]:
    """Starts ways, and yields those that run and why the others can't; ends them."""
    with ExitStack() as stack:
        running: dict[str, Program] = {}
        absent: dict[str, str] = {}
        for way in ways:
            try:
                running[way.name] = stack.enter_context(way.start(workspace))
            except Absent as why:
                absent[way.name] = str(why)
        yield running, absent
