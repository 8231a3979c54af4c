"""The client that fits a store's URL: of one server, of a cluster, or of the server that Sentinels name."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import SSLConnection, parse_url
from redis.maint_notifications import MaintNotificationsConfig

_PORT, _SENTINEL_PORT = 6379, 26379


def open_client(url: str, options: Mapping[str, Any], sentinel_options: Mapping[str, Any]) -> Any:
    """Returns a client, `Redis` or `RedisCluster`; it connects with its first call.

    Args:
        url: `redis://`, `rediss://` or `unix://` for one server, `redis+cluster://HOST:PORT,HOST:PORT` for a cluster,
            `redis+sentinel://HOST:PORT,HOST:PORT/SERVICE` for what Sentinels name; the last two with `rediss` for TLS.
        options: Of each connection to a server, where the URL does not say otherwise.
        sentinel_options: Of each connection to a Sentinel.

    Raises:
        ValueError: The URL can't be read.
    """
    scheme, _, rest = url.partition("://")
    plain, _, named = scheme.partition("+")
    alone: dict[str, Any] = {"maint_notifications_config": MaintNotificationsConfig(enabled=False)}
    if not named:
        return Redis.from_url(url, **options, **alone)
    if named not in ("cluster", "sentinel") or plain == "unix":
        raise ValueError(f"there is no scheme '{scheme}'")
    parts = urlsplit(f"{plain}://{rest}")
    if named == "cluster":
        nodes = [ClusterNode(host, port) for host, port in _hosts(parts, _PORT)]
        return RedisCluster(startup_nodes=nodes, **{**options, **_of_connections(parts)})
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("after the Sentinels it has to name their service, as in HOST:26379/SERVICE")
    sentinels: Any = Sentinel  # the library has no types for it
    watched = sentinels(_hosts(parts, _SENTINEL_PORT), sentinel_kwargs={**sentinel_options, **alone})
    taken = {**options, **_of_connections(parts._replace(path=f"/{database}"))}
    return watched.master_for(service, **taken, **alone)


def _hosts(parts: SplitResult, port: int) -> list[tuple[str, int]]:
    found = [urlsplit(f"//{host}") for host in parts.netloc.rpartition("@")[2].split(",")]
    if not all(each.hostname for each in found):
        raise ValueError("between commas it has to name hosts, each with its port")
    return [(str(each.hostname), each.port or port) for each in found]


def _of_connections(parts: SplitResult) -> dict[str, Any]:
    """What a URL says of connections, whatever their host."""
    user, at, _ = parts.netloc.rpartition("@")
    said: dict[str, Any] = dict(parse_url(urlunsplit(parts._replace(netloc=f"{user}{at}"))))
    if said.pop("connection_class", None) is SSLConnection:
        said["ssl"] = True
    return said
