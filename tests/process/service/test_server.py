"""The shim as a process, over Valkey and the sidecar."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from pillion.errors import ConfigurationError
from pillion.features.store_process import StoreProcess
from pillion.shim.server import bind
from tests.support.ports import free_port
from tests.support.shim import Shim, fill, until

pytestmark = pytest.mark.process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_shim_says_where_it_listens_answers_and_ends_cleanly(
    start: Callable[..., Shim], valkey: StoreProcess, sidecar: str, number: Any
) -> None:
    shim = start(valkey.url, sidecar)
    address = shim.address()

    answer = httpx.get(f"{address}/v1/recommendations/8?k=2&device=tv&hour=9", timeout=10).json()

    assert (answer["source"], answer["reason"]) == ("online", None)
    assert len(answer["items"]) == 2
    assert shim.stop(number) == 0


def test_requests_under_way_are_answered_before_the_end(
    start: Callable[..., Shim], valkey: StoreProcess, sidecar: str
) -> None:
    shim = start(valkey.url, sidecar)
    address = shim.address()
    answers, failures = [], []
    stopping = threading.Event()

    def ask() -> None:
        with httpx.Client(timeout=10) as client:
            while True:
                try:
                    answers.append(client.get(f"{address}/v1/recommendations/8").status_code)
                except httpx.ConnectError:
                    return
                except httpx.HTTPError as error:
                    failures.append((stopping.is_set(), repr(error)))
                    return

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(answers) < 40:
        time.sleep(0.01)
    started = time.monotonic()
    stopping.set()
    status = shim.stop()
    took = time.monotonic() - started
    for thread in threads:
        thread.join(30)

    assert status == 0
    assert took < 6
    assert set(answers) == {200}
    assert [failure for failure in failures if not failure[0]] == []


def test_a_port_in_use_is_one_sentence(start: Callable[..., Shim], valkey: StoreProcess, sidecar: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        shim = start(valkey.url, sidecar, port)

        assert shim.process.wait() == 2
        shim.end()
        assert shim.errors == [f"error: port {port} of 127.0.0.1 is in use: choose another, or 0 for any\n"]


def test_an_address_that_cannot_be_had_is_one_sentence() -> None:
    with pytest.raises(ConfigurationError, match=r"cannot listen on 192\.0\.2\.1"):
        bind("192.0.2.1", 0)


async def test_answers_leave_at_once_without_nagles_algorithm() -> None:
    delays = []

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken = writer.get_extra_info("socket")
        delays.append(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        async with await asyncio.start_server(accepted, sock=listener):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await reader.read()
            writer.close()

    assert delays == [1]


def test_with_nothing_there_the_shim_waits_answers_empty_and_recovers(
    start: Callable[..., Shim], sidecar: str, tmp_path: Path
) -> None:
    port = free_port()
    shim = start(f"redis://127.0.0.1:{port}/0", sidecar)
    address = shim.address()

    empty = httpx.get(f"{address}/v1/recommendations/1", timeout=10).json()
    assert (empty["items"], empty["reason"]) == ([], "no_snapshot")
    assert httpx.get(f"{address}/readyz", timeout=10).status_code == 503

    with StoreProcess(port) as valkey:
        fill(valkey.url)
        until(lambda: httpx.get(f"{address}/readyz", timeout=10).status_code == 200)
        until(lambda: httpx.get(f"{address}/v1/recommendations/1", timeout=10).json()["source"] == "online")
    lost = httpx.get(f"{address}/v1/recommendations/1", timeout=10).json()
    assert (lost["source"], len(lost["items"])) == ("popular", 10)


def test_a_cold_start_with_nothing_but_the_file_answers(
    start: Callable[..., Shim], valkey: StoreProcess, sidecar: str, tmp_path: Path
) -> None:
    shim = start(valkey.url, sidecar)
    shim.address()
    shim.stop()
    nobody = f"redis://127.0.0.1:{free_port()}/0"

    address = start(nobody, f"http://127.0.0.1:{free_port()}").address()
    answer = httpx.get(f"{address}/v1/recommendations/1?k=3", timeout=10).json()

    assert [item["item_id"] for item in answer["items"]] == [1, 2, 3]
    assert (answer["source"], answer["reason"]) == ("popular", "store_unreachable")
    assert httpx.get(f"{address}/readyz", timeout=10).json()["dependencies"] == {
        "store": "down",
        "sidecar": "down",
    }


def test_a_store_that_is_killed_and_comes_back_is_used_again(start: Callable[..., Shim], sidecar: str) -> None:
    port = free_port()
    valkey = StoreProcess(port)
    valkey.start()
    fill(valkey.url)
    address = start(valkey.url, sidecar).address()

    def source() -> str:
        response = httpx.get(f"{address}/v1/recommendations/1", timeout=10)
        assert response.status_code == 200
        return response.json()["source"]

    assert source() == "online"
    os.kill(valkey.pid, signal.SIGKILL)
    until(lambda: source() == "popular")
    valkey.stop()
    with StoreProcess(port) as again:
        fill(again.url)
        until(lambda: source() == "online")
