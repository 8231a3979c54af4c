"""A case: one model with rows and the reference's outputs for them, which every route is held against."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pillion.scoring import Scores
from pillion.types import Id, Value

_PROBABILITY = "probability("


@dataclass(frozen=True, slots=True)
class ShimRequest:
    """One request to the shim, and the rows of the case that it stands for.

    Attributes:
        user_id: the user whose features those rows have.
        context: the moment that they have.
        rows: numbers of the rows; one in all for a model that scores all its items in one row.
        items: the item of each row; of a model that scores all its items in one row, none.
    """

    user_id: Id
    context: Mapping[str, Value]
    rows: tuple[int, ...]
    items: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One model with rows.

    Attributes:
        model: its name, in the model repository where it is in one.
        document: the PMML document.
        contract: what the document takes and returns, `{"inputs": [...], "outputs": [...]}`.
        columns: the inputs, by name.
        rows: how many.
        real: how many of them, the first ones, are real; the others are edge rows.
        expected: the reference's outputs: those that Spark has a column for, and the rows for which it throws.
        labels: outputs that are decisions.
        score: outputs to rank by, see `compare`.
        origin: what the rows are, in words.
        requests: how real rows are asked of the shim; none where they can't be.
        group: a name under which many cases are shown as one; empty for none.
    """

    model: str
    document: bytes
    contract: Mapping[str, Any]
    columns: Mapping[str, Sequence[Value]]
    rows: int
    real: int
    expected: Scores
    labels: tuple[str, ...]
    score: tuple[str, ...]
    origin: str
    requests: tuple[ShimRequest, ...] = field(default=(), repr=False)
    group: str = ""

    def select(self, real: int, edges: bool = True) -> "Case":
        """Returns the case with its first `real` real rows, and its edge rows where wanted."""
        count = min(real, self.real)
        if count == self.real and (edges or self.real == self.rows):
            return self
        return self._take([*range(count), *(range(self.real, self.rows) if edges else ())], count)

    def first(self, rows: int) -> "Case":
        """Returns the case with its first `rows` rows."""
        return self if rows >= self.rows else self._take(list(range(rows)), min(rows, self.real))

    def _take(self, kept: Sequence[int], real: int) -> "Case":
        indices = {row: index for index, row in enumerate(kept)}
        errors = [replace(error, row=indices[error.row]) for error in self.expected.row_errors if error.row in indices]
        return replace(
            self,
            columns={name: [column[row] for row in kept] for name, column in self.columns.items()},
            rows=len(kept),
            real=real,
            expected=Scores(
                {name: [column[row] for row in kept] for name, column in self.expected.columns.items()}, tuple(errors)
            ),
            requests=tuple(request for request in self.requests if max(request.rows) < real),
        )

    @property
    def types(self) -> dict[str, Any]:
        """Type of each input, by name."""
        return {field["name"]: field["type"] for field in self.contract["inputs"]}

    @property
    def outputs(self) -> tuple[str, ...]:
        """The outputs that are compared."""
        return tuple(self.expected.columns)

    @property
    def uncompared(self) -> tuple[str, ...]:
        """Outputs of the document that Spark has no column for."""
        return tuple(o["name"] for o in self.contract["outputs"] if o["name"] not in self.expected.columns)


def labels_of(outputs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Returns which of a contract's outputs are decisions: text and booleans, and a classifier's prediction."""
    classifies = any(output["kind"] == "probability" for output in outputs)
    return tuple(
        output["name"]
        for output in outputs
        if output["type"] in ("string", "boolean") or (classifies and output["name"] == "prediction")
    )


def scores_of(outputs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Returns which of a contract's outputs to rank by where no manifest says so.

    Two probabilities: the second; more: all of them, within each row; none: the prediction, if it is a number.
    """
    probabilities = [o["name"] for o in outputs if o["kind"] == "probability" and o["name"].startswith(_PROBABILITY)]
    if len(probabilities) == 2:
        return (probabilities[1],)
    if probabilities:
        return tuple(probabilities)
    return tuple(o["name"] for o in outputs if o["name"] == "prediction" and o["type"] in ("double", "float"))
