"""The online store in Redis or Valkey, alone or as a cluster."""

import math
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, cast

from redis import exceptions
from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from pillion.config import StoreSettings, mask_password
from pillion.errors import ConfigurationError, StoreError, StoreUnreachable
from pillion.features.store import HashEntry, StringEntry, Values
from pillion.time_limit import time_limit

_SPARE_CONNECTIONS = 4
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
        self._cluster = settings.cluster
        self._address = mask_password(settings.url)
        options: dict[str, Any] = {
            "max_connections": settings.max_connections + _SPARE_CONNECTIONS,
            "retry": Retry(NoBackoff(), 0),
            "socket_timeout": None,
            "socket_connect_timeout": None,
            "protocol": 2,
        }
        if settings.password is not None:
            options["password"] = settings.password.get_secret_value()
        try:
            if settings.cluster:
                self._client: Any = RedisCluster.from_url(settings.url, **options)
            else:
                options["maint_notifications_config"] = MaintNotificationsConfig(enabled=False)
                self._client = Redis.from_url(settings.url, **options)
        except (ValueError, exceptions.RedisError) as error:
            raise ConfigurationError(f"the store's URL {self._address} cannot be read: {error}") from error

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
        """Returns all fields of hashes, in one trip; of an absent one there are none."""
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

    async def expire(self, keys: Sequence[str], ttl_s: float, timeout_s: float) -> None:
        """See `Store.expire`."""
        for start in range(0, len(keys), _ROUND_TRIP_COMMANDS):
            pipeline = self._pipeline()
            for key in keys[start : start + _ROUND_TRIP_COMMANDS]:
                pipeline.expire(key, _whole(ttl_s))
            await self._execute(pipeline, timeout_s)

    async def increment(self, key: str, timeout_s: float) -> int:
        """See `Store.increment`."""
        return cast(int, await self._bounded(self._client.incr(key), timeout_s))

    async def ping(self, timeout_s: float) -> None:
        """See `Store.ping`."""
        await self._bounded(self._client.ping(), timeout_s)

    async def encoding(self, key: str, timeout_s: float) -> str | None:
        """Returns how the store keeps a value, e.g. `listpack` or `hashtable`; None where there is none."""
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
        replies = cast(list[Any], await self._bounded(pipeline.execute(raise_on_error=False), timeout_s))
        for reply in replies:
            if isinstance(reply, Exception):
                with self._translated():
                    raise reply
        return replies

    async def _bounded(self, call: Awaitable[Any], timeout_s: float) -> Any:
        with self._translated():
            async with time_limit(timeout_s):
                return await call

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
        except exceptions.RedisError as error:
            raise StoreError(f"the store at {self._address} declined: {error}") from error
        except (ValueError, TypeError, IndexError) as error:
            raise StoreError(f"the store at {self._address} answered nonsense") from error


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else max(1, math.ceil(seconds))
