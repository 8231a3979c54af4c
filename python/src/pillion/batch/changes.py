"""What has changed since the run before: a digest of everything that a user's answer is computed from.

A user whose digest is the one that the last run left gets that run's answer again, without scoring: the user's record,
the candidates, which depend on what was seen and what is popular, and the candidates' records are the same, and so is
all that a run's users have in common, the basis.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import numpy.typing as npt
import orjson

from pillion.features import Catalog, Store, keys
from pillion.features.ids import Ids, ItemNumbers
from pillion.features.record_codec import pack_ids, schema_to_json, unpack_ids
from pillion.features.redis import RedisStore
from pillion.features.snapshot import read_answers
from pillion.recommend.models import BoundModel, ServedModel
from pillion.types import Id, Value

_BASIS_BYTES = 16


@dataclass(frozen=True, slots=True)
class LastRun:
    """The run whose answers may be carried over.

    Attributes:
        version: Of the features.
        run: Its number.
        user_buckets: How many buckets its users are in, where their ids are text.
        id_width: Bytes of an item's number in its answers.
        names: Its dictionary of items, where their ids are text.
    """

    version: int
    run: int
    user_buckets: int
    id_width: int
    names: bytes | None


@dataclass(frozen=True, slots=True)
class Before:
    """What the last run left of some users: packed answers and digests, by field."""

    answers: Mapping[bytes, bytes] = field(default_factory=dict)
    digests: Mapping[bytes, bytes] = field(default_factory=dict)


def basis_of(
    catalog: Catalog,
    served: ServedModel,
    bound: BoundModel,
    document: bytes,
    online: Mapping[str, Value],
    candidates: Sequence[object],
    k: int,
) -> bytes:
    """Returns a digest of what all users' answers of a run are computed from, 16 bytes.

    Args:
        catalog: Whose schemas count, and no more of it.
        served: The model.
        bound: Where its inputs come from.
        document: Of its version.
        online: The values that stand for the request's own.
        candidates: How many they are, and what chooses them.
        k: Items in an answer.
    """
    said = {
        "model": served.name,
        "document": hashlib.sha256(document).hexdigest(),
        "ranking": repr(served.ranking),
        "inputs": asdict(bound.contract),
        "online": online,
        "candidates": candidates,
        "k": k,
        "users": schema_to_json(catalog.users),
        "items": schema_to_json(catalog.items),
        "kinds": [catalog.user_ids, catalog.numbers.kind],
    }
    return hashlib.blake2b(
        orjson.dumps(said, option=orjson.OPT_SORT_KEYS, default=str), digest_size=_BASIS_BYTES
    ).digest()


class Fingerprints:
    """The digests of users.

    Args:
        catalog: The feature version.
        basis: See `basis_of`.
    """

    def __init__(self, catalog: Catalog, basis: bytes) -> None:
        self._basis = basis
        self._table = catalog.table
        self._numbers = catalog.numbers
        numbers, records = catalog.raw.items(catalog.id_width)
        packed = b"".join(
            hashlib.blake2b(record, digest_size=keys.DIGEST_BYTES, salt=_short(item)).digest()
            for record, item in zip(records, catalog.numbers.ids(numbers), strict=True)
        )
        self._items: npt.NDArray[np.uint64] = np.frombuffer(packed, dtype=np.uint64)

    def of_candidates(self, record: bytes, candidates: Ids) -> bytes:
        """Returns the digest of a user whose candidates are rows."""
        rows = self._items[np.sort(self._table.indices(candidates))]
        return self._of(record, rows.tobytes())

    def of_classes(self, record: bytes, allowed: Ids) -> bytes:
        """Returns the digest of a user of a model whose items are classes."""
        return self._of(record, orjson.dumps(self._numbers.ids(np.sort(allowed))))

    def _of(self, record: bytes, items: bytes) -> bytes:
        made = hashlib.blake2b(len(record).to_bytes(4, "little"), digest_size=keys.DIGEST_BYTES, key=self._basis)
        made.update(record)
        made.update(items)
        return made.digest()


def _short(item: Id) -> bytes:
    """An item's id in the 16 bytes of a salt."""
    return hashlib.blake2b(f"{type(item).__name__}:{item}".encode(), digest_size=16).digest()


async def read_last_run(store: Store, catalog: Catalog, basis: bytes, timeout_s: float) -> LastRun | None:
    """Returns the last run, where its answers can be carried over: it had the same basis, and is still there.

    Args:
        store: Where it would be.
        catalog: The feature version of today.
        basis: Of the run of today.
        timeout_s: Of each trip.

    Raises:
        StoreError: The store failed.
    """
    (named,) = (await store.read([], [keys.BATCH], timeout_s)).strings
    if named is None or not named.isdigit():
        return None
    raw = await read_answers(store, int(named), timeout_s)
    if raw is None:
        return None
    about, described = orjson.loads(raw.batch), orjson.loads(raw.meta)
    if about.get("basis") != basis.hex() or (raw.names is None and catalog.numbers.kind == "string"):
        return None
    buckets, width = int(described["user_buckets"]), int(described["id_width"])
    return LastRun(raw.version, int(about["run"]), buckets, width, raw.names)


class Carrier:
    """What reads answers of the last run, in terms of the feature version of today.

    Args:
        last: The last run.
        catalog: The feature version of today.
    """

    def __init__(self, last: LastRun, catalog: Catalog) -> None:
        self._last = last
        self._catalog = catalog
        self._numbers: Ids | None = None
        if last.names is not None and last.names != catalog.raw.names:
            self._numbers = catalog.numbers.find(ItemNumbers.unpack(last.names).names or ())
        self._same_places = catalog.user_ids == "integer" or last.user_buckets == catalog.user_buckets
        self._same_lists = self._numbers is None and last.id_width == catalog.id_width

    async def read(
        self, store: RedisStore, buckets: Sequence[int], users: Sequence[Mapping[bytes, bytes]], timeout_s: float
    ) -> list[Before]:
        """Returns what the last run left of the users of some buckets.

        Args:
            store: Where from.
            buckets: The buckets.
            users: The users of each, by field.
            timeout_s: Of the trip.
        """
        last = self._last
        kinds = (keys.batch_answers, keys.batch_digests)
        if self._same_places:
            names = [of(last.version, last.run, bucket) for of in kinds for bucket in buckets]
            found = await store.read_hashes(names, timeout_s)
            pairs = zip(found[: len(buckets)], found[len(buckets) :], strict=True)
            return [Before(self._renumbered(answers), digests) for answers, digests in pairs]
        fields = [field for each in users for field in each]
        places = [keys.place(field.decode(), last.user_buckets) for field in fields]
        wanted = [(of(last.version, last.run, bucket), field) for of in kinds for bucket, field in places]
        values = (await store.read(wanted, [], timeout_s)).fields
        answers = {field: value for field, value in zip(fields, values[: len(fields)], strict=True) if value}
        digests = {field: value for field, value in zip(fields, values[len(fields) :], strict=True) if value}
        answers = self._renumbered(answers)
        return [
            Before(
                {field: answers[field] for field in each if field in answers},
                {field: digests[field] for field in each if field in digests},
            )
            for each in users
        ]

    def _renumbered(self, answers: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        """Answers with the item numbers of today; one of an item that is gone is left out."""
        if self._same_lists:
            return dict(answers)
        kept = {}
        for name, packed in answers.items():
            items = unpack_ids(packed, self._last.id_width)
            if self._numbers is not None:
                items = self._numbers[items]
            if not len(items) or items.min() >= 0:
                kept[name] = pack_ids(items, self._catalog.id_width)
        return kept
