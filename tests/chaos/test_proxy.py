"""The fault proxy does what it says, over TCP and over Unix sockets."""

import contextlib
import socket
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from tools.chaos.faults import BYTE_FAULTS, GrpcRequests, HttpRequests, RespRequests
from tools.chaos.proxy import ProxyProcess

pytestmark = pytest.mark.timeout(120)
PING, PONG = b"*1\r\n$4\r\nPING\r\n", b"+PONG, and a good deal more than ten bytes\r\n"


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    """A server that answers each PING with the same line."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection:
            while data := connection.recv(1000):
                try:
                    connection.sendall(PONG * data.count(b"PING"))
                except OSError:
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"tcp:127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture(scope="module")
def proxy(upstream: str) -> Iterator[tuple[ProxyProcess, list[str]]]:
    with (
        tempfile.TemporaryDirectory(prefix="pillion-") as folder,
        ProxyProcess() as proxy,
    ):
        ways = proxy.link(
            "echo",
            "resp",
            ["tcp:127.0.0.1:0", f"unix:{Path(folder) / 'echo.sock'}"],
            upstream,
        )
        yield proxy, ways


def connect(address: str) -> socket.socket:
    kind, _, rest = address.partition(":")
    if kind == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        connection.connect(rest)
        return connection
    host, _, port = rest.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=30)


def exchange(address: str, wait_s: float = 30.0) -> bytes | str:
    """Sends a PING; returns the bytes that came until the line's or the connection's end, or what went wrong."""
    found = b""
    try:
        with connect(address) as connection:
            connection.settimeout(wait_s)
            connection.sendall(PING)
            while len(found) < len(PONG) and not found.endswith(b"\r\n"):
                data = connection.recv(1000)
                if not data:
                    break
                found += data
    except ConnectionRefusedError:
        return "refused"
    except FileNotFoundError:
        return "no such file"
    except ConnectionResetError:
        return found if found else "reset"
    except TimeoutError:
        return "nothing"
    return found


@pytest.fixture(params=["tcp", "unix"])
def way(request: pytest.FixtureRequest, proxy: tuple[ProxyProcess, list[str]]) -> Iterator[tuple[ProxyProcess, str]]:
    process, ways = proxy
    yield process, ways[request.param == "unix"]
    process.set("echo")


def test_without_a_fault_replies_pass(way: tuple[ProxyProcess, str]) -> None:
    assert exchange(way[1]) == PONG


def test_refuse_refuses_new_and_ends_old_connections(
    way: tuple[ProxyProcess, str],
) -> None:
    proxy, address = way
    with connect(address) as old:
        old.sendall(PING)
        assert old.recv(1000) == PONG
        proxy.set("echo", "refuse")
        with contextlib.suppress(ConnectionResetError):
            assert old.recv(1000) == b""
    assert exchange(address) == "refused"

    proxy.set("echo")
    assert exchange(address) == PONG


def test_an_unlinked_socket_is_no_file(way: tuple[ProxyProcess, str]) -> None:
    proxy, address = way
    proxy.set("echo", "unlink")

    assert exchange(address) == ("no such file" if address.startswith("unix") else "refused")


def test_reset_comes_after_the_first_bytes(way: tuple[ProxyProcess, str]) -> None:
    proxy, address = way
    proxy.set("echo", "reset")

    assert exchange(address) in (PONG[:10], b"", "reset")


def test_a_black_hole_answers_nothing_until_it_ends(
    way: tuple[ProxyProcess, str],
) -> None:
    proxy, address = way
    proxy.set("echo", "black_hole")
    with connect(address) as connection:
        connection.sendall(PING)
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1000)
        connection.settimeout(30)
        proxy.set("echo")
        assert connection.recv(1000) == PONG


def test_a_drip_and_a_delay_bring_the_whole_reply(
    way: tuple[ProxyProcess, str],
) -> None:
    proxy, address = way
    for kind in ("drip", "latency"):
        proxy.set("echo", kind, 0.001)
        assert exchange(address) == PONG


def test_truncation_brings_half_and_half_close_nothing(
    way: tuple[ProxyProcess, str],
) -> None:
    proxy, address = way
    proxy.set("echo", "truncate")
    assert exchange(address) == PONG[: len(PONG) // 2]

    proxy.set("echo", "half_close")
    assert exchange(address) == b""


def test_garbage_is_as_long_as_the_reply(way: tuple[ProxyProcess, str]) -> None:
    proxy, address = way
    proxy.set("echo", "garbage")
    with connect(address) as connection:
        connection.sendall(PING)
        found = connection.recv(1000)

    assert len(found) == len(PONG)
    assert found != PONG


def test_error_replies_take_turns(way: tuple[ProxyProcess, str]) -> None:
    proxy, address = way
    proxy.set("echo", "error")
    with connect(address) as connection:
        connection.sendall(PING * 3)
        found = b""
        while found.count(b"\r\n") < 3:
            found += connection.recv(1000)

    assert sorted(line.split()[0] for line in found.splitlines()) == [
        b"-LOADING",
        b"-OOM",
        b"-READONLY",
    ]


def test_connections_and_requests_are_counted(way: tuple[ProxyProcess, str]) -> None:
    proxy, address = way
    before = proxy.counts()["echo"]
    exchange(address)
    after = proxy.counts()["echo"]

    assert (
        after["connections"] - before["connections"],
        after["requests"] - before["requests"],
    ) == (1, 1)


def test_requests_are_counted_however_they_are_cut() -> None:
    resp = b"*2\r\n$3\r\nGET\r\n$6\r\n*1\r\n$1\r\n" + PING
    http = b"GET / HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"
    frames = ((4, b"\0" * 6), (1, b"head"), (0, b"\1" * 300), (1, b""), (6, b"\0" * 8))
    grpc = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"".join(
        len(content).to_bytes(3, "big") + bytes((kind, 0, 0, 0, 0, 1)) + content for kind, content in frames
    )
    for whole, kind, expected in ((resp, RespRequests, 2), (http, HttpRequests, 3), (grpc, GrpcRequests, 2)):
        for size in range(1, len(whole) + 1):
            counter = kind()
            found = sum(counter.feed(whole[at : at + size]) for at in range(0, len(whole), size))
            assert found == expected


class Echo(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Answers each call with what it was sent."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        return grpc.unary_unary_rpc_method_handler(lambda request, context: request)


def test_errors_of_grpc_are_statuses_in_turn_and_end_with_the_fault() -> None:
    server = grpc.server(ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((Echo(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder, ProxyProcess() as proxy:
        (way,) = proxy.link("calls", "grpc", [f"unix:{Path(folder) / 's'}"], f"tcp:127.0.0.1:{port}")
        with grpc.insecure_channel(way) as channel:

            def call(name: bytes) -> bytes:
                answer: bytes = channel.unary_unary("/any/thing")(name, timeout=60, wait_for_ready=True)
                return answer

            assert call(b"before") == b"before"
            proxy.set("calls", "error")
            codes: set[grpc.StatusCode] = set()
            while len(codes) < 2:
                with pytest.raises(grpc.RpcError) as caught:
                    call(b"while")
                if caught.value.details() == "no":  # else it is the connection that broke
                    codes.add(caught.value.code())
            proxy.set("calls")
            answer = b""
            while not answer:
                with contextlib.suppress(grpc.RpcError):
                    answer = call(b"after")

        assert answer == b"after"
        assert codes == {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL}
        assert proxy.counts()["calls"]["requests"] >= 4
    server.stop(None)


def test_what_drips_when_the_fault_ends_comes_at_once(way: tuple[ProxyProcess, str]) -> None:
    proxy, address = way
    proxy.set("echo", "drip", 600.0)
    with connect(address) as connection:
        connection.sendall(PING)
        found = connection.recv(1)
        proxy.set("echo")
        while len(found) < len(PONG):
            found += connection.recv(1000)

    assert found == PONG


def test_every_fault_of_bytes_is_known() -> None:
    assert len(set(BYTE_FAULTS)) == 9
