"""The answers of a bucket of users: the rows of all of them in one call of the engine, ranked as a request's are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pillion.features import Catalog, assemble
from pillion.features.ids import Ids
from pillion.features.popularity import generate_candidates
from pillion.features.record_codec import pack_ids, unpack_ids
from pillion.recommend.models import BoundModel, ServedModel
from pillion.scoring import ClassRanking, rank, rank_classes
from pillion.scoring.jvm import InProcessModel
from pillion.types import Value

_NOTHING: Ids = np.zeros(0, dtype=np.int64)
_CONTEXT: Ids = np.zeros(1, dtype=np.int64)
"""The only row of a model that scores the context alone."""


@dataclass(frozen=True, slots=True)
class BucketScorer:
    """What scores the users of a bucket.

    Attributes:
        catalog: The feature version.
        served: The version of the model.
        bound: Where its inputs come from.
        engine: Opened on its document.
        online: The values that stand for the request's own.
        segment: Whose popular items are candidates; None for everybody's.
        candidates: Items scored for each user, at most.
        k: Items in an answer, at most.
    """

    catalog: Catalog
    served: ServedModel
    bound: BoundModel
    engine: InProcessModel
    online: Mapping[str, Value]
    segment: str | None
    candidates: int
    k: int

    def answers(self, users: Mapping[bytes, bytes], seen: Mapping[bytes, bytes]) -> tuple[dict[bytes, bytes], int]:
        """Returns packed answers by field, of those users that have one, and how many pairs were scored.

        Args:
            users: Feature records by field.
            seen: Packed lists of seen items by field.
        """
        fields = list(users)
        left = [unpack_ids(seen[name], self.catalog.id_width) if name in seen else _NOTHING for name in fields]
        rows = [_CONTEXT if self.served.single_row else self._candidates(each) for each in left]
        records = [self.catalog.users.unpack(users[name]) for name in fields]
        parts = [
            assemble(self.bound.contract, self.catalog, record, self.online, candidates, {})
            for record, candidates in zip(records, rows, strict=True)
            if len(candidates)
        ]
        if not parts:
            return {}, 0
        columns = {name: _joined([part[name] for part in parts]) for name in parts[0]}
        total = sum(map(len, rows))
        scores = self.engine.score(columns, total).columns
        found: dict[bytes, bytes] = {}
        start = 0
        for name, candidates, taken in zip(fields, rows, left, strict=True):
            end = start + len(candidates)
            own = {output: scores[output][start:end] for output in self.served.outputs}
            items = self._ranked(candidates, own, taken)
            start = end
            if len(items):
                found[name] = pack_ids(items, self.catalog.id_width)
        return found, total

    def _candidates(self, seen: Ids) -> Ids:
        return generate_candidates(self.catalog, self.segment, seen, self.candidates)

    def _ranked(self, candidates: Ids, scores: Mapping[str, Sequence[Any]], seen: Ids) -> Ids:
        ranking = self.served.ranking
        if isinstance(ranking, ClassRanking):
            return rank_classes(self.bound.classes, scores, None, seen, self.k).items
        return rank(candidates, scores[ranking.output], self.k).items


def _joined(columns: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Columns one below the other: an array where all are arrays."""
    if all(isinstance(column, np.ndarray) and column.dtype.kind in "fiub" for column in columns):
        joined: Any = np.concatenate(columns)
        cells: Sequence[Any] = joined
        return cells
    return list(_cells(columns))


def _cells(columns: Sequence[Sequence[Any]]) -> Iterator[Any]:
    for column in columns:
        yield from column.tolist() if isinstance(column, np.ndarray) else column
