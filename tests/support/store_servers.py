"""Servers for tests of the store: Debian's Redis, a cluster of six Valkeys, a master that Sentinels watch."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from pillion.features.store_process import StoreProcess
from tests.support.ports import free_port
from tests.support.tls import Authority

_WAIT_S = 60.0


def until(holds: Callable[[], bool], what: str, seconds: float = _WAIT_S) -> None:
    """Waits until something holds; the time is a limit for a machine that hangs, and no test's measure."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(RedisError, OSError):
            if holds():
                return
        assert time.monotonic() < end, f"{what} takes more than {seconds:g} seconds"
        time.sleep(0.05)


@contextmanager
def redis_server(*options: str, authority: Authority | None = None) -> Iterator[int]:
    """Debian's Redis on a port of loopback, which it yields; skips the test where it is not installed.

    Args:
        options: On its command line, besides those of all tests.
        authority: Signs its certificate, where it speaks TLS and nothing else.
    """
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server: Debian's package has one")
    with tempfile.TemporaryDirectory(prefix="pillion-redis-") as folder:
        port = free_port()
        usual = ["--save", "", "--bind", "127.0.0.1", "--dir", folder, "--hash-max-listpack-value", "65536"]
        usual += _tls(port, authority) if authority else ["--port", str(port)]
        log = Path(folder) / "log"
        process = subprocess.Popen([program, *usual, *options, "--logfile", str(log)], stdin=subprocess.DEVNULL)
        try:
            with _client(port, authority) as client:
                until(lambda: bool(client.ping()), "the start of redis-server")
            yield port
        finally:
            process.terminate()
            process.wait()


@contextmanager
def cluster() -> Iterator[list[StoreProcess]]:
    """Three masters and three replicas, whole and known to each other; master n's replica is n + 3."""
    config = {
        "cluster-enabled": "yes",
        "cluster-node-timeout": "1000",
        "cluster-require-full-coverage": "no",
        "cluster-replica-validity-factor": "0",
        "repl-diskless-sync-delay": "0",
    }
    with ExitStack() as stack:
        nodes = [stack.enter_context(StoreProcess(config=config)) for _ in range(6)]
        clients = [stack.enter_context(Redis.from_url(node.url)) for node in nodes]
        ends = [0, 5461, 10923, 16384]
        for client, first, end in zip(clients, ends, ends[1:], strict=False):
            client.execute_command("CLUSTER ADDSLOTSRANGE", first, end - 1)
        for node in nodes[1:]:
            clients[0].execute_command("CLUSTER MEET", "127.0.0.1", port_of(node.url))
        until(lambda: all(_state(each)["cluster_known_nodes"] == "6" for each in clients), "the cluster's meeting")
        for replica, master in zip(clients[3:], clients[:3], strict=True):
            name = master.execute_command("CLUSTER MYID").decode()
            until(lambda each=replica, of=name: _follow(each, of), "a replica's start")  # type: ignore[misc]
        until(lambda: all(_whole(each) for each in clients), "the cluster's start")
        until(lambda: all(_linked(each) for each in clients[3:]), "the replicas' copies")
        # every node has to know every other one's part, or masters lack the votes for a failover
        until(lambda: all(_parts(each) == (3, 3) for each in clients), "the spread of the replicas' news")
        yield nodes


def cluster_url(nodes: Sequence[StoreProcess]) -> str:
    return "redis+cluster://" + ",".join(f"127.0.0.1:{port_of(node.url)}" for node in nodes)


def _tls(port: int, authority: Authority) -> list[str]:
    pair = authority.sign("store")
    files = ["--tls-cert-file", str(pair.certificate), "--tls-key-file", str(pair.key)]
    files += ["--tls-ca-cert-file", str(authority.file)]
    return ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no", *files]


def _client(port: int, authority: Authority | None) -> Any:
    if authority is None:
        return Redis(port=port)
    return Redis("127.0.0.1", port, ssl=True, ssl_ca_certs=str(authority.file))


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


def _state(client: Any) -> dict[str, str]:
    found: dict[str, str] = client.execute_command("CLUSTER INFO")
    return found


def _whole(client: Any) -> bool:
    state = _state(client)
    return state["cluster_state"] == "ok" and state["cluster_slots_assigned"] == "16384"


def _follow(replica: Any, master: str) -> bool:
    replica.execute_command("CLUSTER REPLICATE", master)
    return True


def _linked(replica: Any) -> bool:
    return bool(replica.info("replication")["master_link_status"] == "up")


def _parts(client: Any) -> tuple[int, int]:
    flags = [node["flags"] for node in client.cluster("nodes").values()]
    return sum("master" in each for each in flags), sum("slave" in each for each in flags)


@contextmanager
def sentinels() -> Iterator[tuple[list[int], StoreProcess, StoreProcess]]:
    """Three Sentinels that watch `features`, a master with a replica; yields their ports, the master, the replica."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("there is no redis-server: Debian's package has one")
    with ExitStack() as stack:
        master, replica = (stack.enter_context(StoreProcess()) for _ in range(2))
        with Redis.from_url(replica.url) as client:
            client.execute_command("REPLICAOF", "127.0.0.1", port_of(master.url))
            until(lambda: _linked(client), "the replica's copy")
        ports = [free_port() for _ in range(3)]
        for port in ports:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pillion-sentinel-")))
            lines = [f"port {port}", "bind 127.0.0.1", f"sentinel monitor features 127.0.0.1 {port_of(master.url)} 2"]
            lines += ["sentinel down-after-milliseconds features 500", "sentinel failover-timeout features 3000"]
            (folder / "sentinel.conf").write_text("\n".join(lines) + "\n")
            process = subprocess.Popen(
                [program, str(folder / "sentinel.conf"), "--sentinel"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
        for port in ports:
            with Redis(port=port) as client:
                # before they know the replica and each other they can't make a failover
                until(lambda each=client: _knows(each), "the Sentinels' meeting")  # type: ignore[misc]
        yield ports, master, replica


def _knows(sentinel: Any) -> bool:
    state = sentinel.sentinel_master("features")
    return bool(state["num-slaves"] == 1 and state["num-other-sentinels"] == 2 and state["flags"] == "master")


def until_copied(master: StoreProcess) -> None:
    """Waits until a master's replica has all that was written."""
    with Redis.from_url(master.url) as client:

        def copied() -> bool:
            state = client.info("replication")
            return bool(state["slave0"]["offset"] == state["master_repl_offset"])

        until(copied, "a replica's copy")
