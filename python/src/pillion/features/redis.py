"""The online store in Redis or Valkey: one server, a cluster, or what Sentinels name."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, cast

from redis import exceptions
from redis.asyncio import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from pillion.config import StoreSettings, mask_password
from pillion.errors import ConfigurationError, StoreError, StoreUnreachable
from pillion.features.address import open_client
from pillion.features.store import HashEntry, StringEntry, Values
from pillion.time_limit import time_limit

_SPARE_CONNECTIONS = 4
_NAME = "hash-max-listpack-{}"
"""A setting of the server."""
_PROBE, _PROBE_S, _PROBED = "probe", 1.0, 4096
"""A hash that is written to see how it is kept, its life in seconds, and the bytes of its value."""
_FIND_S, _FOUND_S = 1.0, 0.1
"""Seconds that a cluster's nodes may take to be found, and after which they may be looked for again."""
_ROUND_TRIP_COMMANDS = 2000
"""Commands a pipeline sends at once; more would only fill buffers."""
_REPLACE_FIELD = """
local found = redis.call('HGET', KEYS[1], ARGV[1])
if (ARGV[4] == '1' and found ~= ARGV[2]) or (ARGV[4] == '0' and found) then return 0 end
local is_new = redis.call('EXISTS', KEYS[1]) == 0
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if is_new and ARGV[5] ~= '0' then redis.call('EXPIRE', KEYS[1], ARGV[5]) end
return 1
"""
_RENEW_LOCK = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0"
_DROP_LOCK = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"


@asynccontextmanager
async def open_store(settings: StoreSettings) -> "AsyncIterator[RedisStore]":
    """A store for as long as the block runs, closed at its end."""
    store = RedisStore(settings)
    try:
        yield store
    finally:
        await store.close()


class RedisStore:
    """A client of Redis or Valkey; nothing is connected before the first call.

    The client's own retries are off: retrying is the guard's work. A call that is cancelled or times out
    closes its connection, so that a late reply can never be taken for another call's.

    Args:
        settings: Address, password, limits.

    Raises:
        ConfigurationError: The URL cannot be read.
    """

    def __init__(self, settings: StoreSettings) -> None:
        self._address = mask_password(settings.url)
        options: dict[str, Any] = {
            "max_connections": settings.max_connections + _SPARE_CONNECTIONS,
            "retry": Retry(NoBackoff(), 0),
            "socket_timeout": None,
            "socket_connect_timeout": None,
            "protocol": 2,
        }
        sentinel = dict(options)
        if settings.password is not None:
            options["password"] = settings.password.get_secret_value()
        if settings.sentinel_password is not None:
            sentinel["password"] = settings.sentinel_password.get_secret_value()
        try:
            self._client = open_client(settings.url, options, sentinel)
        except (ValueError, exceptions.RedisError) as error:
            raise ConfigurationError(f"the store's URL {self._address} cannot be read: {error}") from error
        self._cluster = isinstance(self._client, RedisCluster)
        self._finding: asyncio.Task[None] | None = None

    async def read(self, fields: Sequence[tuple[str, int | str]], keys: Sequence[str], timeout_s: float) -> Values:
        """See `Store.read`."""
        groups = self._groups(keys)
        if not fields and not groups:
            return Values([], [])
        pipeline = self._pipeline()
        for key, number in fields:
            pipeline.hget(key, number)
        for indices in groups:
            # In a cluster, `mget` itself is blocked in pipelines; keys with one tag are safe.
            pipeline.execute_command("MGET", *(keys[index] for index in indices))
        replies = await self._execute(pipeline, timeout_s)
        strings: list[bytes | None] = [None] * len(keys)
        for indices, reply in zip(groups, replies[len(fields) :], strict=True):
            for index, value in zip(indices, reply, strict=True):
                strings[index] = value
        return Values(replies[: len(fields)], strings)

    async def read_hashes(self, keys: Sequence[str], timeout_s: float) -> list[dict[bytes, bytes]]:
        """See `Store.read_hashes`."""
        pipeline = self._pipeline()
        for key in keys:
            pipeline.hgetall(key)
        return cast(list[dict[bytes, bytes]], await self._execute(pipeline, timeout_s))

    async def write(self, entries: Sequence[HashEntry | StringEntry], timeout_s: float) -> None:
        """See `Store.write`."""
        for start in range(0, len(entries), _ROUND_TRIP_COMMANDS):
            pipeline = self._pipeline()
            for entry in entries[start : start + _ROUND_TRIP_COMMANDS]:
                if isinstance(entry, StringEntry):
                    pipeline.set(entry.key, entry.value, ex=_whole(entry.ttl_s))
                    continue
                pipeline.hset(entry.key, mapping=dict(entry.fields))
                if entry.ttl_s is not None:
                    pipeline.expire(entry.key, _whole(entry.ttl_s))
            await self._execute(pipeline, timeout_s)

    async def replace_field(
        self, key: str, field: int | str, old: bytes | None, new: bytes, timeout_s: float, ttl_s: float | None = None
    ) -> bool:
        """See `Store.replace_field`."""
        given = [b"" if old is None else old, new, 0 if old is None else 1, _whole(ttl_s) or 0]
        call = self._client.eval(_REPLACE_FIELD, 1, key, field, *given)
        return bool(await self._bounded(call, timeout_s))

    async def take_lock(self, key: str, holder: bytes, ttl_s: float, timeout_s: float) -> bytes | None:
        """See `Store.take_lock`."""
        call = self._client.set(key, holder, nx=True, px=int(ttl_s * 1000), get=True)
        return cast("bytes | None", await self._bounded(call, timeout_s))

    async def renew_lock(self, key: str, holder: bytes, ttl_s: float, timeout_s: float) -> bool:
        """See `Store.renew_lock`."""
        call = self._client.eval(_RENEW_LOCK, 1, key, holder, int(ttl_s * 1000))
        return bool(await self._bounded(call, timeout_s))

    async def drop_lock(self, key: str, holder: bytes, timeout_s: float) -> None:
        """See `Store.drop_lock`."""
        await self._bounded(self._client.eval(_DROP_LOCK, 1, key, holder), timeout_s)

    async def expire(self, keys: Sequence[str], ttl_s: float, timeout_s: float) -> None:
        """See `Store.expire`."""
        for start in range(0, len(keys), _ROUND_TRIP_COMMANDS):
            pipeline = self._pipeline()
            for key in keys[start : start + _ROUND_TRIP_COMMANDS]:
                pipeline.expire(key, _whole(ttl_s))
            await self._execute(pipeline, timeout_s)

    async def increment(self, key: str, timeout_s: float, by: int = 1) -> int:
        """See `Store.increment`."""
        return cast(int, await self._bounded(self._client.incrby(key, by), timeout_s))

    async def value_limit(self, entries: int, timeout_s: float) -> int:
        """See `Store.value_limit`; a server that does not tell its limits is asked what it makes of two hashes."""
        try:
            found = await self._settings("hash-max-listpack-*", timeout_s)
        except StoreError as error:
            if isinstance(error, StoreUnreachable):
                raise
            return await self._probed_limit(entries, timeout_s)
        limits = {what: min(int(each[_NAME.format(what)]) for each in found) for what in ("entries", "value")}
        if limits["entries"] < entries:
            raise ConfigurationError(
                f"the store at {self._address} keeps hashes of more than {limits['entries']} fields in twice the"
                f" memory: set {_NAME.format('entries')} to {entries} or more"
            )
        return limits["value"]

    async def _settings(self, pattern: str, timeout_s: float) -> list[dict[str, str]]:
        """Settings of the server, or of a cluster's masters."""
        nodes = {"target_nodes": RedisCluster.PRIMARIES} if self._cluster else {}
        reply = await self._bounded(self._client.execute_command("CONFIG GET", pattern, **nodes), timeout_s)
        by_node = self._cluster and all(isinstance(each, dict) for each in reply.values())  # else there is one node
        return list(reply.values()) if by_node else [reply]

    async def _probed_limit(self, entries: int, timeout_s: float) -> int:
        many: HashEntry = HashEntry(f"{_PROBE}:{{many}}", dict.fromkeys(range(entries), b"0"), _PROBE_S)
        long = HashEntry(f"{_PROBE}:{{long}}", {0: bytes(_PROBED)}, _PROBE_S)
        await self.write([many, long], timeout_s)
        for entry, what, value in ((many, "entries", entries), (long, "value", _PROBED)):
            if await self.encoding(entry.key, timeout_s) == "hashtable":
                raise ConfigurationError(
                    f"the store at {self._address} keeps users in twice the memory: set {_NAME.format(what)} to {value}"
                    " or more"
                )
        return _PROBED

    async def ping(self, timeout_s: float) -> None:
        """See `Store.ping`."""
        await self._bounded(self._client.ping(), timeout_s)

    async def read_start(self, key: str, size: int, timeout_s: float) -> bytes:
        """See `Store.read_start`."""
        return cast(bytes, await self._bounded(self._client.getrange(key, 0, size - 1), timeout_s))

    async def encoding(self, key: str, timeout_s: float) -> str | None:
        """See `Store.encoding`."""
        try:
            reply = await self._bounded(self._client.object("ENCODING", key), timeout_s)
        except StoreError:
            return None
        return reply.decode() if isinstance(reply, bytes) else None

    async def used_memory(self, timeout_s: float) -> int:
        """Returns the bytes that the server's data take, those of a cluster's nodes together."""
        reply = await self._bounded(self._client.info("memory"), timeout_s)
        nodes = [reply] if "used_memory" in reply else list(reply.values())
        return sum(int(node["used_memory"]) for node in nodes)

    async def close(self) -> None:
        """See `Store.close`."""
        if self._finding is not None:
            self._finding.cancel()
        await self._client.aclose()

    def _pipeline(self) -> Any:
        return self._client.pipeline() if self._cluster else self._client.pipeline(transaction=False)

    def _groups(self, keys: Sequence[str]) -> list[list[int]]:
        """Indices of keys that one MGET may name: all of them, or in a cluster those with the same tag."""
        if not self._cluster:
            return [list(range(len(keys)))] if keys else []
        groups: dict[str, list[int]] = {}
        for index, key in enumerate(keys):
            start, end = key.find("{"), key.find("}")
            groups.setdefault(key[start:end] if 0 <= start < end else key, []).append(index)
        return list(groups.values())

    async def _execute(self, pipeline: Any, timeout_s: float) -> list[Any]:
        return cast(list[Any], await self._bounded(_replies(pipeline), timeout_s))

    async def _bounded(self, call: Awaitable[Any], timeout_s: float) -> Any:
        try:
            with self._translated():
                async with time_limit(timeout_s):
                    return await call
        except (StoreError, TimeoutError):
            if self._cluster and (self._finding is None or self._finding.done()):
                self._finding = asyncio.create_task(self._find_nodes())
            raise

    async def _find_nodes(self) -> None:
        """Asks the cluster who has which slots: a pipeline's failure alone does not have the client ask."""
        with suppress(exceptions.RedisError, OSError, TimeoutError):
            async with time_limit(_FIND_S):
                await self._client.nodes_manager.initialize()
        await asyncio.sleep(_FOUND_S)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The one place where the client's errors become ours."""
        try:
            yield
        except exceptions.TimeoutError as error:
            raise TimeoutError(f"the store at {self._address} took too long") from error
        except (
            exceptions.AuthenticationError,
            exceptions.BusyLoadingError,
            exceptions.MaxConnectionsError,
        ) as error:
            raise StoreError(f"the store at {self._address} declined: {error}") from error
        except exceptions.RedisClusterException as error:
            raise StoreUnreachable(f"no node of the cluster at {self._address} answers: {error}") from error
        except (exceptions.ConnectionError, ConnectionError, RuntimeError) as error:
            # A RuntimeError is uvloop's, for a write to a connection that was reset.
            raise StoreUnreachable(f"the store at {self._address} does not answer: {error}") from error
        except TimeoutError:
            raise
        except OSError as error:
            raise StoreUnreachable(f"the store at {self._address} cannot be reached: {error}") from error
        except exceptions.OutOfMemoryError as error:
            raise StoreError(f"the store at {self._address} is full: give it more memory ({error})") from error
        except exceptions.ReadOnlyError as error:
            raise StoreError(f"the store at {self._address} is read only: name its master ({error})") from error
        except exceptions.RedisError as error:
            raise StoreError(f"the store at {self._address} declined: {error}") from error
        except (ValueError, TypeError, IndexError) as error:
            raise StoreError(f"the store at {self._address} answered nonsense") from error


async def _replies(pipeline: Any) -> list[Any]:
    replies: list[Any] = await pipeline.execute(raise_on_error=False)
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply
    return replies


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, math.ceil(seconds))
