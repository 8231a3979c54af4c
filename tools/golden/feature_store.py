"""Writes the stores under `tests/golden/store`, key by key in bytes, each with what it means: `make golden-stores`.

What they mean is put down from what is written, not read back, so that a reader can be held against it. In a record's
cells a double or a float is its bits in hexadecimal, a whole number is decimal text, and null is missing.
"""

import argparse
import asyncio
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pillion.features import Contents, FeatureTable, MemoryStore, keys, load_batch_answers, load_features
from pillion.features.record_codec import Kind
from pillion.features.store import HashEntry, StringEntry
from pillion.types import Id, Value
from tools.checkout import ROOT

FOLDER = ROOT / "tests" / "golden" / "store"
_CREATED = 1_700_000_000.25
_KINDS: tuple[Kind, ...] = ("f64", "f32", "i64", "bool", "str")
_WHOLE = (0, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**63 - 1, -1, -32, -33, -128, -129, -32768, -32769,
          -(2**31), -(2**31) - 1, -(2**63))  # fmt: skip
"""Where MessagePack's forms of whole numbers change."""


def _double(bits: int) -> float:
    return float(struct.unpack(">d", bits.to_bytes(8, "big"))[0])


_USER_FIELDS: Mapping[str, Kind] = {f"a {kind}": kind for kind in _KINDS}
_USERS: Sequence[Sequence[Value]] = (
    (0.1, 0.5, 1, True, "paid"),
    (-0.0, -0.0, 0, False, ""),
    (_double(0x7FF8000000000123), float("nan"), -1, None, "é" * 16),
    (float("-inf"), float("inf"), None, True, "名" * 86),
    (_double(1), 2.0**-149, 2**63 - 1, False, "\n"),
    (None, None, None, None, None),
)
_ITEM_FIELDS: Mapping[str, Kind] = {"score": "f64", **{f"n{at}": "i64" for at in range(len(_WHOLE))}}
_ITEMS: Sequence[Sequence[Value]] = (
    (0.25, *_WHOLE),
    (1e308, *reversed(_WHOLE)),
    (None, *(None for _ in _WHOLE)),
)
_BUCKETS = (1, 7, 1000, 3_125_000)
"""How many buckets there may be where users' ids are text; what is written has one."""
_STORES: Mapping[str, tuple[Sequence[Id], Sequence[Id]]] = {
    "numbers": ((0, 1, 31, 32, 1000, 2**63 - 1), (0, 63, 64)),
    "four-bytes": ((0, 1, 2, 3, 4, 5), (1, 2**24, 2**32 - 1)),
    "eight-bytes": ((0, 1, 2, 3, 4, 5), (1, 2**32, 2**63 - 1)),
    "text": (("1", "p/2", "p 3", "名", "\U0001f642", "x" * 200), ("b", "Ä-north", "\U0001f642")),
}
"""The ids of users and of items."""


class _Recorder(MemoryStore):
    """A store that notes what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, dict[str, Any]] = {}

    async def write(self, entries: Sequence[HashEntry | StringEntry], timeout_s: float) -> None:
        await super().write(entries, timeout_s)
        for entry in entries:
            if isinstance(entry, StringEntry):
                self.keys[entry.key] = {"type": "string", "value": entry.value.hex()}
                continue
            fields = self.keys.setdefault(entry.key, {"type": "hash", "fields": {}})["fields"]
            fields.update({str(name): value.hex() for name, value in entry.fields.items()})

    async def increment(self, key: str, timeout_s: float, by: int = 1) -> int:
        count = await super().increment(key, timeout_s, by)
        self.keys[key] = {"type": "string", "value": str(count).encode().hex()}
        return count


async def _store(users: Sequence[Id], items: Sequence[Id]) -> dict[str, Any]:
    seen = {users[0]: [items[2], items[0]], users[3]: list(items)}
    batch = {users[1]: [items[1], items[2], items[0]], users[5]: [items[2]]}
    popularity = {
        keys.GLOBAL: [(items[1], 2**40), (items[0], 7), (items[2], 0)],
        keys.segment("country", "DE"): [(items[0], 3)],
        keys.segment("member", True): [(items[2], 2), (items[1], 1)],
    }
    titles = {items[0]: "A title", items[1]: "題" * 22}
    contents = Contents(
        _table(users, _USER_FIELDS, _USERS), _table(items, _ITEM_FIELDS, _ITEMS), popularity, titles, seen
    )
    store = _Recorder()
    version = await load_features(store, contents, now=lambda: _CREATED)
    await load_batch_answers(store, version, batch, model="nightly", model_version=9, now=lambda: _CREATED)
    item_fields = {**_ITEM_FIELDS, "title": "str"}
    return {
        "keys": {name: store.keys[name] for name in sorted(store.keys) if not name.startswith(keys.lock(""))},
        "meaning": {
            "version": version,
            "created": _CREATED,
            "user_ids": "string" if isinstance(users[0], str) else "integer",
            "schemas": {"users": _schema(_USER_FIELDS), "items": _schema(item_fields)},
            "users": [
                {
                    "id": str(user),
                    **_place(user, 1),
                    "record": _cells(_USER_FIELDS, row),
                    "seen": [str(item) for item in sorted(seen.get(user, []))],
                    "batch": [str(item) for item in batch[user]] if user in batch else None,
                }
                for user, row in zip(users, _USERS, strict=True)
            ],
            "items": [
                {"id": str(item), **_number(item, items), "record": _cells(item_fields, (*row, titles.get(item)))}
                for item, row in zip(items, _ITEMS, strict=True)
            ],
            "popularity": {
                name: [[str(item), str(count)] for item, count in pairs] for name, pairs in popularity.items()
            },
            "batch": {"run": 1, "model": "nightly", "version": 9, "created": _CREATED},
            "places": [{"id": user, "buckets": count, **_place(user, count)} for user in users for count in _BUCKETS]
            if isinstance(users[0], str)
            else [],
        },
    }


def _table(ids: Sequence[Id], fields: Mapping[str, Kind], rows: Sequence[Sequence[Value]]) -> FeatureTable:
    columns = {name: [row[at] for row in rows] for at, name in enumerate(fields)}
    return FeatureTable(ids, columns, kinds=fields)


def _schema(fields: Mapping[str, str]) -> dict[str, Any]:
    text = "\n".join(f"{name}:{kind}" for name, kind in fields.items())
    return {"id": zlib.crc32(text.encode()), "fields": [list(pair) for pair in fields.items()]}


def _place(user: Id, buckets: int) -> dict[str, Any]:
    """Where a user is; a bucket's number is decimal text, since it may be longer than a double's 53 bits."""
    if isinstance(user, str):
        return {"bucket": str(zlib.crc32(user.encode()) % buckets), "field": user}
    return {"bucket": str(user // 32), "field": str(user % 32)}


def _number(item: Id, items: Sequence[Id]) -> dict[str, str]:
    number = sorted(map(str, items)).index(item) if isinstance(item, str) else item
    return {"number": str(number), "key": f"i1:{{{number % 64}}}:{number}"}


def _cells(fields: Mapping[str, str], row: Sequence[Value]) -> list[Any]:
    return [cell(kind, value) for kind, value in zip(fields.values(), row, strict=True)]


def cell(kind: str, value: Any) -> Any:
    """A value as the goldens spell it."""
    if value is None or kind in ("bool", "str"):
        return value
    return str(value) if kind == "i64" else struct.pack(">d" if kind == "f64" else ">f", value).hex()


def write(folder: Path) -> None:
    """Writes a file for each store."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (users, items) in _STORES.items():
        text = json.dumps(asyncio.run(_store(users, items)), ensure_ascii=False, indent=1)
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    write(parser.parse_args().out)
