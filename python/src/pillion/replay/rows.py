"""The rows of a logged request, laid out again of the log and of a feature version, and the answer that they give."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pillion.errors import ConfigurationError
from pillion.features import BoundContract, Catalog, assemble, bind
from pillion.features.ids import Ids
from pillion.project import Input
from pillion.replay.model_version import Columns, ModelVersion
from pillion.scoring import ClassRanking, Ranked, Scores, rank, rank_classes
from pillion.scoring.cells import NON_FINITE
from pillion.types import FieldType, Id, Value
from pillion.watch import LoggedRequest


class Unreplayable(Exception):
    """A request that cannot be computed again, and why."""


@dataclass(frozen=True, slots=True)
class RequestRows:
    """A request as its model was asked.

    Attributes:
        columns: Values by input, `rows` of them each; None is missing.
        rows: How many.
        numbers: Of the candidates, int64, shape (n,).
        classes: The number of the item that each output is the score of; none where a row is an item.
        catalog: The feature version.
        k: How many items were wanted.
    """

    columns: Columns
    rows: int
    numbers: Ids
    classes: Mapping[str, int]
    catalog: Catalog
    k: int

    def answer(self, model: ModelVersion, scores: Scores, first: int = 0) -> Ranked:
        """Returns the items that outputs give.

        Args:
            model: How they are ranked.
            scores: The outputs.
            first: The request's first row in them.
        """
        columns = {name: scores.columns[name][first : first + self.rows] for name in model.ranking.outputs}
        if isinstance(model.ranking, ClassRanking):
            return rank_classes(self.classes, columns, self.numbers, np.zeros(0, dtype=np.int64), self.k)
        return rank(self.numbers, columns[model.ranking.output], self.k)

    def items(self, answer: Ranked) -> list[Id]:
        """Returns the ids of an answer's items."""
        return self.catalog.numbers.ids(answer.items)

    def is_logged(self, answer: Ranked, request: LoggedRequest) -> bool:
        """Returns whether an answer is the one that was logged, to the bit."""
        logged = np.array(request.scores, dtype=np.float64)
        return self.items(answer) == list(request.items) and answer.scores.tobytes() == logged.tobytes()


def lay_out(
    request: LoggedRequest, model: ModelVersion, catalog: Catalog, declared: Mapping[str, Input]
) -> RequestRows:
    """Lays the rows of a request out as its model was asked.

    Args:
        request: The request.
        model: The version that answered it, or another one.
        catalog: The feature version that it was answered with, or another one.
        declared: The inputs of the project file.

    Raises:
        Unreplayable: The log or the feature version lacks something.
    """
    single = isinstance(model.ranking, ClassRanking)
    try:
        contract = bind(model.contract, model.name, catalog.users, catalog.items, single, declared)
    except ConfigurationError as error:
        raise Unreplayable(str(error)) from error
    absent = [name for name in (*contract.user, *contract.online) if name not in request.context]
    if absent:
        raise Unreplayable(f"the log has no value of the input '{absent[0]}'")
    sent = _numbered(request, catalog, contract)
    numbers = catalog.numbers.find(list(request.candidates))
    known = (catalog.table.indices(numbers) >= 0).tolist()
    lacking = [
        item
        for item, number, there in zip(request.candidates, numbers.tolist(), known, strict=True)
        if not there and number not in sent
    ]
    if lacking and not single:
        raise Unreplayable(f"feature version {catalog.version} lacks items that were scored")
    types = contract.types
    context = {name: restore(value, types[name]) for name, value in request.context.items() if name in types}
    asked = np.zeros(1, dtype=np.int64) if single else numbers
    columns = assemble(contract, catalog, context, context, asked, sent)
    return RequestRows(
        {name: column.tolist() if isinstance(column, np.ndarray) else list(column) for name, column in columns.items()},
        len(asked),
        numbers,
        _classes(model, catalog),
        catalog,
        request.k,
    )


def restore(value: Value, type_: FieldType) -> Value:
    """Returns a logged value as it was: a number that is spelled as a text is one again."""
    return NON_FINITE.get(value, value) if isinstance(value, str) and type_ in ("double", "float") else value


def same(left: Value, right: Value) -> bool:
    """Returns whether two values are the same, floating ones to the bit but for the kind of NaN."""
    if isinstance(left, float) and isinstance(right, float):
        return (left != left and right != right) or struct.pack("d", left) == struct.pack("d", right)
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _numbered(request: LoggedRequest, catalog: Catalog, contract: BoundContract) -> dict[int, Mapping[str, Value]]:
    """What was sent of items that the table lacks, by number."""
    numbers: list[int] = catalog.numbers.find(list(request.sent)).tolist() if request.sent else []
    return {
        number: {
            name: restore(value, contract.types[name]) if name in contract.types else value
            for name, value in features.items()
        }
        for number, features in zip(numbers, request.sent.values(), strict=True)
    }


def _classes(model: ModelVersion, catalog: Catalog) -> dict[str, int]:
    if not isinstance(model.ranking, ClassRanking):
        return {}
    numbers = catalog.numbers.find(list(model.ranking.classes.values()))
    return dict(zip(model.ranking.classes, numbers.tolist(), strict=True))
