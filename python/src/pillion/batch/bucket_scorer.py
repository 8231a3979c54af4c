"""The answers of a bucket of users: the rows of all of them in one call of the engine, ranked as a request's are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from pillion.batch.changes import Before, Fingerprints
from pillion.features import Catalog, assemble
from pillion.features.ids import Ids
from pillion.features.item_vectors import ItemVectors, Vector
from pillion.features.popularity import without
from pillion.features.record_codec import pack_ids, unpack_ids
from pillion.recommend.models import BoundModel, ServedModel
from pillion.scoring import ClassRanking, rank, rank_classes
from pillion.scoring.jvm import InProcessModel
from pillion.types import Value

_NOTHING: Ids = np.zeros(0, dtype=np.int64)
_CONTEXT: Ids = np.zeros(1, dtype=np.int64)
"""The only row of a model that scores the context alone."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the answers of a run have in common besides model and features.

    Attributes:
        online: The values that stand for the request's own.
        segment: Whose popular items are candidates where no vectors pick them; None for everybody's.
        candidates: Items scored for each user, at most.
        k: Items in an answer, at most.
        factors: Vectors of items that choose candidates as a request would not; None for none.
    """

    online: Mapping[str, Value]
    segment: str | None
    candidates: int
    k: int
    factors: ItemVectors | None


@dataclass(slots=True)
class BucketAnswers:
    """What came of a bucket's users.

    Attributes:
        answers: Packed, best first, by field, of those users that have one.
        digests: Of what each user's answer was computed from, by field.
        carried: Users whose answer is the last run's.
        pairs: Pairs that were scored.
    """

    answers: dict[bytes, bytes] = field(default_factory=dict)
    digests: dict[bytes, bytes] = field(default_factory=dict)
    carried: int = 0
    pairs: int = 0


@dataclass(frozen=True, slots=True)
class _User:
    """A user to be scored, with the numbers of the rows' items, and of the items seen."""

    field: bytes
    record: Mapping[str, Value]
    rows: Ids
    seen: Ids


@dataclass(frozen=True, slots=True)
class BucketScorer:
    """What scores the users of a bucket.

    Attributes:
        catalog: The feature version.
        served: The version of the model.
        bound: Where its inputs come from.
        engine: Opened on its document.
        fingerprints: Tell whether a user has changed.
        terms: Of the run.
    """

    catalog: Catalog
    served: ServedModel
    bound: BoundModel
    engine: InProcessModel
    fingerprints: Fingerprints
    terms: Terms

    def answers(
        self,
        users: Mapping[bytes, bytes],
        seen: Mapping[bytes, bytes],
        before: Before,
        vectors: Mapping[bytes, Vector] = MappingProxyType({}),
    ) -> BucketAnswers:
        """Scores the users who have changed since the last run, and carries the others' answers over.

        Args:
            users: Feature records by field.
            seen: Packed lists of seen items by field.
            before: What the last run left of them.
            vectors: Of the users that have one for `factors`, by field; the others' candidates are a request's.
        """
        made, changed = BucketAnswers(), []
        for name, record in users.items():
            taken = unpack_ids(seen[name], self.catalog.id_width) if name in seen else _NOTHING
            rows, digest = self._rows(record, taken, vectors.get(name))
            made.digests[name] = digest
            if before.digests.get(name) != digest:
                changed.append(_User(name, self.catalog.users.unpack(record), rows, taken))
                continue
            made.carried += 1
            if (answer := before.answers.get(name)) is not None:
                made.answers[name] = answer
        self._score([user for user in changed if len(user.rows)], made)
        return made

    def _rows(self, record: bytes, seen: Ids, vector: Vector | None) -> tuple[Ids, bytes]:
        """The items that are a user's rows, and the digest of what they are scored from."""
        if self.served.single_row:
            allowed = without(np.fromiter(self.bound.classes.values(), dtype=np.int64), seen)
            return _CONTEXT, self.fingerprints.of_classes(record, allowed)
        terms = self.terms
        if terms.factors is None or vector is None:
            rows = self.bound.candidates(self.catalog, terms.segment, self._context(record), seen, terms.candidates)
        else:
            rows = terms.factors.best(vector, seen, terms.candidates)
        return rows, self.fingerprints.of_candidates(record, rows)

    def _context(self, record: bytes) -> Mapping[str, Value]:
        """What a first phase goes by; without one nobody looks, and users that are carried over stay packed."""
        if self.bound.first_phase is None:
            return {}
        return self.bound.contract.context(self.catalog.users.unpack(record), self.terms.online)

    def _score(self, users: Sequence[_User], made: BucketAnswers) -> None:
        if not users:
            return
        contract, online = self.bound.contract, self.terms.online
        parts = [assemble(contract, self.catalog, user.record, online, user.rows, {}) for user in users]
        columns = {name: _joined([part[name] for part in parts]) for name in parts[0]}
        made.pairs = sum(len(user.rows) for user in users)
        scores = self.engine.score(columns, made.pairs).columns
        start = 0
        for user in users:
            end = start + len(user.rows)
            items = self._ranked(user, {output: scores[output][start:end] for output in self.served.ranking.outputs})
            start = end
            if len(items):
                made.answers[user.field] = pack_ids(items, self.catalog.id_width)

    def _ranked(self, user: _User, scores: Mapping[str, Sequence[Any]]) -> Ids:
        ranking = self.served.ranking
        if isinstance(ranking, ClassRanking):
            return rank_classes(self.bound.classes, scores, None, user.seen, self.terms.k).items
        return rank(user.rows, scores[ranking.output], self.terms.k).items


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
