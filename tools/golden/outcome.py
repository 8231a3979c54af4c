"""What an engine makes of a golden case: refused, or scored and compared with Spark's recorded outputs."""

from dataclasses import dataclass
from pathlib import Path

from pillion.errors import InvalidModel
from pillion.parity.compare import Comparison, compare
from pillion.scoring import Scores
from pillion.scoring.jvm import open_model
from tools.golden.store import Golden


@dataclass(frozen=True, slots=True)
class Outcome:
    """An engine's outcome on a case.

    Attributes:
        refusal: why the engine does not take the document; else None and the rest is there.
        arithmetic: `spark` or `jpmml`, as the engine says.
        comparison: with Spark's outputs.
        reply: the outputs.
    """

    refusal: str | None
    arithmetic: str | None = None
    comparison: Comparison | None = None
    reply: Scores | None = None

    @property
    def exact(self) -> bool:
        """Whether all outputs of all rows, and the rows with errors, are Spark's."""
        return self.comparison is not None and self.comparison.difference.exact

    def describe(self, golden: Golden) -> str:
        """What differs, with the first rows and columns that do."""
        if self.comparison is None or self.reply is None:
            return f"refused: {self.refusal}"
        comparison, lines = self.comparison, [str(self.comparison.difference.as_dict())]
        for name, column in comparison.columns.items():
            for place in column.differing.nonzero()[0][:3].tolist():
                row = int(comparison.kept[place])
                expected, actual = golden.expected[name][row], self.reply.columns[name][row]
                lines.append(f"row {row}, {name}: Spark {expected!r}, here {actual!r}; {_inputs(golden, row)}")
        messages = {error.row: f"{error.field}={error.value!r}: {error.message}" for error in self.reply.row_errors}
        for row in comparison.refused[:3].tolist():
            lines.append(f"row {row}: Spark answers, here {messages[row]}; {_inputs(golden, row)}")
        for row in comparison.answered[:3].tolist():
            lines.append(f"row {row}: Spark {golden.errors[row]}, here an answer; {_inputs(golden, row)}")
        return "\n".join(lines)


def outcome(golden: Golden, engine: str, jar: Path) -> Outcome:
    """Scores a case's rows with an engine."""
    try:
        model = open_model(golden.document, engine, jar)
    except InvalidModel as refusal:
        return Outcome(str(refusal))
    try:
        reply = model.score(golden.inputs, golden.rows)
        # what the plan has besides the document's model, the interpreter can't return
        exact = model.arithmetic == "spark"
        expected = {name: column for name, column in golden.expected.items() if exact or name in reply.columns}
        comparison = compare(
            expected,
            reply.columns,
            decisions=[name for name in golden.about["labels"] if name in expected],
            score=(),
            refused=frozenset(error.row for error in reply.row_errors),
            failed=frozenset(golden.errors),
        )
        return Outcome(None, model.arithmetic, comparison, reply)
    finally:
        model.close()


def _inputs(golden: Golden, row: int) -> str:
    return ", ".join(f"{name}={column[row]!r}" for name, column in list(golden.inputs.items())[:12])
