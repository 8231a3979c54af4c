"""The snapshot: the catalog in use, read from the store, kept on disk, refreshed in the background."""

import asyncio
import logging
import os
import tempfile
import zipfile
import zlib
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import overload

import numpy as np
import orjson

from pillion.errors import ConfigurationError, CorruptRecord, StoreError
from pillion.features import keys
from pillion.features.catalog import Catalog, RawAnswers, RawCatalog, build_catalog
from pillion.features.record_codec import unpack_ids
from pillion.features.store import Store

_log = logging.getLogger("pillion.features.snapshot")
_CHUNK = 2000
Accept = Callable[[Catalog], None]
"""Raises ConfigurationError where a catalog does not have what the models want."""
Settle = Callable[[Catalog], Awaitable[None]]
"""Returns once everybody can answer with a catalog that takes another's place."""


@overload
async def read_catalog(store: Store, timeout_s: float) -> Catalog: ...


@overload
async def read_catalog(
    store: Store, timeout_s: float, known: RawCatalog | None = None, version: int | None = None
) -> Catalog | None: ...


async def read_catalog(
    store: Store, timeout_s: float, known: RawCatalog | None = None, version: int | None = None
) -> Catalog | None:
    """Reads a feature version.

    Args:
        store: Where from.
        timeout_s: Of each trip.
        known: What need not be read again.
        version: Which; the one in use where None.

    Returns:
        The catalog; None where the store still has `known`, or no longer has the version that is asked for.

    Raises:
        StoreError: The store failed, has no features, or a part of them is not what was written.
        TimeoutError: A trip took too long.
    """
    asked = version is not None
    version = await _active(store, timeout_s) if version is None else version
    names = [keys.meta(version), keys.batch_meta(version), keys.BATCH]
    meta, batch, named = (await store.read([], names, timeout_s)).strings
    last = int(named) if batch is None and named is not None and named.isdigit() else None
    if known is not None and (version, meta, batch, last) == (known.version, known.meta, known.batch, known.last):
        return None
    lists_of_items = [keys.item_ids(version), keys.item_names(version)]
    ids, item_names = (await store.read([], lists_of_items, timeout_s)).strings
    if asked and meta is None:
        return None
    if meta is None or ids is None:
        raise CorruptRecord(f"the store names feature version {version}, but does not have it")
    try:
        described = orjson.loads(meta)
        segments = [keys.GLOBAL, *described["segments"]]
        width = int(described["id_width"])
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptRecord(f"what describes feature version {version} cannot be read") from error
    lists = (await store.read([], [keys.popularity(version, segment) for segment in segments], timeout_s)).strings
    numbers = unpack_ids(ids, width).tolist()
    records: list[bytes] = []
    for start in range(0, len(numbers), _CHUNK):
        names = [keys.item(version, number) for number in numbers[start : start + _CHUNK]]
        records += [record or b"" for record in (await store.read([], names, timeout_s)).strings]
    popularity = {name: packed for name, packed in zip(segments, lists, strict=True) if packed is not None}
    before = None if last is None else await read_answers(store, last, timeout_s)
    raw = RawCatalog(version, meta, batch, ids, item_names, records, popularity, last, before)
    return await asyncio.to_thread(build_catalog, raw)


async def read_answers(store: Store, version: int, timeout_s: float) -> RawAnswers | None:
    """Returns what describes the batch answers of a version; None where the store no longer has them."""
    names = [keys.meta(version), keys.batch_meta(version), keys.item_names(version)]
    meta, batch, item_names = (await store.read([], names, timeout_s)).strings
    return None if meta is None or batch is None else RawAnswers(version, meta, batch, item_names)


async def require_listpacks(store: Store, version: int, timeout_s: float) -> None:
    """Looks how the server keeps the first bucket of a version's users.

    Raises:
        ConfigurationError: As a hash table, since a value is too long for its settings; says what to set.
        StoreError: The store failed.
        TimeoutError: A trip took too long.
    """
    first = await store.read_start(keys.buckets(version), keys.BUCKET_WIDTH, timeout_s)
    for number in unpack_ids(first, keys.BUCKET_WIDTH).tolist():
        key = keys.users(version, number)
        if await store.encoding(key, timeout_s) == "hashtable":
            raise ConfigurationError(
                f"the store keeps users in twice the memory, '{key}' as a hash table and not as a listpack: set its"
                f" hash-max-listpack-entries to {keys.BUCKET_FIELDS} or more and its hash-max-listpack-value to the"
                " longest value or more, and load the features anew"
            )


async def _active(store: Store, timeout_s: float) -> int:
    (active,) = (await store.read([], [keys.ACTIVE], timeout_s)).strings
    if active is None:
        raise StoreError("the store has no features: none were loaded yet, or it has lost them")
    if not active.isdigit():
        raise CorruptRecord(f"the store's key '{keys.ACTIVE}' does not name a version")
    return int(active)


def save_snapshot(raw: RawCatalog, path: Path) -> None:
    """Writes a snapshot to a file, all of it or nothing.

    Raises:
        OSError: The file cannot be written.
    """
    offsets = np.cumsum([0, *(len(record) for record in raw.records)], dtype=np.int64)
    parts = {
        "version": np.array(raw.version),
        "meta": _array(raw.meta),
        "batch": _array(raw.batch or b""),
        "ids": _array(raw.ids),
        "names": _array(raw.names or b""),
        "records": _array(b"".join(raw.records)),
        "offsets": offsets,
    }
    parts |= {f"pop:{name}": _array(packed) for name, packed in raw.popularity.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **parts)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load_snapshot(path: Path) -> Catalog:
    """Reads a snapshot that `save_snapshot` wrote.

    Raises:
        OSError: The file cannot be read.
        CorruptRecord: It is not a snapshot.
    """
    try:
        with np.load(path, allow_pickle=False) as parts:
            blob, offsets = parts["records"].tobytes(), parts["offsets"].tolist()
            raw = RawCatalog(
                int(parts["version"]),
                parts["meta"].tobytes(),
                parts["batch"].tobytes() or None,
                parts["ids"].tobytes(),
                parts["names"].tobytes() or None,
                [blob[start:end] for start, end in pairwise(offsets)],
                {name[4:]: parts[name].tobytes() for name in parts.files if name.startswith("pop:")},
            )
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise CorruptRecord(f"{path} is not a snapshot") from error
    return build_catalog(raw)


def _array(data: bytes) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    return np.frombuffer(data, dtype=np.uint8)


class SnapshotKeeper:
    """The holder of the catalog in use.

    A new catalog that lacks what the models want, or that cannot be read, is refused: the old one stays in
    use, and `problem` says why.

    Args:
        store: Where catalogs come from.
        accept: Says whether the models can work with one.
        path: File that keeps the last one; None for none.
        timeout_s: Of each trip to the store.
        settle: Is awaited before a catalog takes the place of another.

    Attributes:
        catalog: The one in use; None before there is one. Take it once a request.
        problem: Why the last look failed, in one sentence; None where it did not.
    """

    def __init__(
        self, store: Store, accept: Accept, path: Path | None, timeout_s: float, settle: Settle | None = None
    ) -> None:
        self.catalog: Catalog | None = None
        self.problem: str | None = None
        self._store = store
        self._accept = accept
        self._path = path
        self._timeout_s = timeout_s
        self._settle = settle

    async def start(self, timeout_s: float) -> None:
        """Gets the first catalog: from the store, else from the file, else none.

        Args:
            timeout_s: Of the store's first answer.

        Raises:
            ConfigurationError: The store answers, and lacks what a model wants, or keeps users in twice the memory.
        """
        try:
            await self._store.ping(timeout_s)
            await self._refresh()
            if self.catalog is not None:
                await require_listpacks(self._store, self.catalog.version, self._timeout_s)
        except (StoreError, TimeoutError) as error:
            self._report(error)
        if self.catalog is None and self._path is not None and self._path.exists():
            try:
                catalog = await asyncio.to_thread(load_snapshot, self._path)
                self._accept(catalog)
                self.catalog = catalog
                _log.warning("answering from the snapshot in %s until the store answers", self._path)
            except (OSError, CorruptRecord, ConfigurationError) as error:
                _log.warning("the snapshot in %s cannot be used: %s", self._path, error)

    async def refresh(self) -> bool:
        """Looks for another version and takes it; returns whether there was one."""
        try:
            return await self._refresh()
        except (StoreError, TimeoutError, ConfigurationError) as error:
            self._report(error)
            return False

    async def _refresh(self) -> bool:
        known = self.catalog.raw if self.catalog else None
        catalog = await read_catalog(self._store, self._timeout_s, known)
        if catalog is None:
            self.problem = None
            return False
        self._accept(catalog)
        if self.catalog is not None and self._settle is not None:
            await self._settle(catalog)
        self.catalog = catalog
        self.problem = None
        _log.info("using feature version %d with %d items", catalog.version, len(catalog.table.ids))
        if self._path is not None:
            try:
                await asyncio.to_thread(save_snapshot, catalog.raw, self._path)
            except OSError as error:
                _log.warning("the snapshot cannot be kept: %s", error)
        return True

    def _report(self, error: Exception) -> None:
        text = str(error) or "the store took too long"
        if text != self.problem:
            _log.warning("no new snapshot: %s", text)
        self.problem = text
