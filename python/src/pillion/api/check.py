"""`pillion.check`: what keeps a model from being exported, all of it at once, before anything is converted."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

from pillion.api.given import read_model, read_rows
from pillion.errors import UnsupportedStage
from pillion.export.console import quiet_console
from pillion.export.plan import UnsupportedPlan, stage_problems, walk
from pillion.export.plan.presumed_schema import presume_schema
from pillion.export.saved_pipeline import read_schema
from pillion.export.session import active_session, session_notes
from pillion.parity.spark_frame import vector_sizes


@dataclass(frozen=True, slots=True)
class Check:
    """What was found about a model; a notebook shows it as a list, `str()` as lines.

    Attributes:
        problems: What keeps the model from being computed to Spark's bits, a sentence each, with the stage's name.
        notes: What else to know: what the session lacks, and which types were presumed.
        inputs: Spark's types of the columns that the model takes, by name; none where there is a problem.
        outputs: The columns that it gives, elements of vectors one by one; none where there is a problem.
    """

    problems: tuple[str, ...]
    notes: tuple[str, ...]
    inputs: Mapping[str, str]
    outputs: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    def require(self) -> None:
        """Refuses a model with a problem.

        Raises:
            UnsupportedStage: There is one; the message has them all.
        """
        if self.problems:
            raise UnsupportedStage("; ".join(self.problems))

    def __str__(self) -> str:
        return "\n".join(f"{kind}: {sentence}" for kind, sentence in self._lines())

    def _lines(self) -> list[tuple[str, str]]:
        lines = [("problem", sentence) for sentence in self.problems]
        lines += [("note", sentence) for sentence in self.notes]
        if self.passed:
            lines.append(("takes", ", ".join(f"{name} ({kind})" for name, kind in self.inputs.items()) or "nothing"))
            lines.append(("gives", ", ".join(self.outputs)))
        return lines

    def _repr_html_(self) -> str:
        verdict = "can be exported to Spark's bits" if self.passed else f"{len(self.problems)} problems"
        items = "".join(f"<li><b>{kind}</b>: {escape(sentence)}</li>" for kind, sentence in self._lines())
        return f"<p><b>{verdict}</b></p><ul>{items}</ul>"


def check(model: Any, data: Any = None, *, schema: "StructType | Path | str | None" = None) -> Check:
    """Checks a fitted model: all problems at once, before any conversion; no row is scored.

    Args:
        model: A fitted model of Spark's, or the folder of one; see `pillion.export`.
        data: A frame or a file with its raw columns; see `pillion.export`. Where there is neither this nor a schema,
            the columns' types are presumed from the stages that take them.
        schema: Spark's StructType of the raw columns, or a file with its JSON.

    Raises:
        ConfigurationError: The model can't be loaded, or there is no Spark session.
        InvalidInput: The schema or the rows can't be read.

    Example:
        >>> report = pillion.check(model, frame)
        >>> report.passed, report.inputs["age"]
        (True, 'double')
    """
    session, struct, sizes = _columns(data, schema)
    with quiet_console(session):
        pipeline = read_model(model)
        notes = list(session_notes(session))
        if struct is None:
            presumed = presume_schema(pipeline, session)
            struct, sizes = presumed.schema, presumed.sizes
            if struct.fields:
                names = ", ".join(f"{field.name} ({field.dataType.simpleString()})" for field in struct)
                notes.append(f"presumed of the columns, since no rows and no schema were given: {names}")
        try:
            plan = walk(pipeline, struct, sizes).plan()
        except UnsupportedPlan as unsupported:
            problems = dict.fromkeys([*stage_problems(pipeline), *unsupported.problems])
            return Check(tuple(problems), tuple(notes), {}, ())
    inputs = {given.name: struct[given.name].dataType.simpleString() for given in plan.inputs}
    return Check((), tuple(notes), inputs, tuple(output.field for output in plan.outputs))


def _columns(data: Any, schema: Any) -> tuple[SparkSession, StructType | None, Mapping[str, int]]:
    """The session, the raw columns where they are known, and the sizes of the vectors among them."""
    if data is not None:
        session, struct, source = read_rows(data, schema, None, 0)
        return session, struct, vector_sizes(struct, source.names())
    if schema is None:
        return active_session(), None, {}
    struct = schema if isinstance(schema, StructType) else read_schema(Path(schema))
    return active_session(), struct, {}
