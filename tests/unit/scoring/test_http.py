"""The client against servers of bytes: what each way to answer wrongly becomes."""

import asyncio
import contextlib
import math
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError, SidecarError, SidecarRefused, SidecarUnreachable
from pillion.scoring import HttpScorer, ScoreRequest, Scores
from pillion.types import Repeated, Trace

REQUEST = ScoreRequest("ranker", {"a": "double"}, {"a": [1.0]}, 1, ("p",), "r1")
GOOD = orjson.dumps(
    {
        "model_version": "1",
        "id": "r1",
        "outputs": [{"name": "p", "datatype": "FP64", "shape": [1], "data": [0.5]}],
    }
)


def response(status: int, body: bytes = b'{"error": "because"}') -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body


@contextlib.asynccontextmanager
async def serving(
    reply: Any,
    uds: Path | None = None,
    seen: list[tuple[str, bytes]] | None = None,
    encoding: Any = "json",
    max_connections: int = 16,
) -> AsyncIterator[HttpScorer]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(h[15:]) for h in head.lower().split(b"\r\n") if h[:15] == b"content-length:"), 0)
                body = await reader.readexactly(length)
                if seen is not None:
                    seen.append((head.decode(), body))
                if reply is None:
                    break
                if callable(reply):
                    await reply(writer)
                else:
                    writer.write(reply)
                    await writer.drain()
        writer.close()

    start = asyncio.start_server(answer, "127.0.0.1", 0) if uds is None else asyncio.start_unix_server(answer, uds)
    server = await start
    address = f"unix:{uds}" if uds else f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    scorer = HttpScorer(SidecarSettings(address=address, max_connections=max_connections), encoding)
    try:
        yield scorer
    finally:
        await scorer.close()
        server.close()


async def test_a_request_says_how_much_time_is_left_and_which_it_is() -> None:
    seen: list[tuple[str, bytes]] = []
    async with serving(response(200, GOOD), seen=seen) as scorer:
        scores = await scorer.score(REQUEST, 0.75)

    head, body = seen[0]
    assert scores.columns["p"] == [0.5]
    assert head.startswith("POST /v2/models/ranker/infer ")
    assert "x-deadline-ms: 750.000" in head.lower()
    assert "x-request-id: r1" in head.lower()
    assert orjson.loads(body)["inputs"][0]["data"] == [1.0]


async def test_numbers_travel_as_bytes_and_a_column_of_one_value_once() -> None:
    seen: list[tuple[str, bytes]] = []
    columns: dict[str, Any] = {
        "a": [1.5, None, float("nan")],
        "b": ["x", None, "é"],
        "c": Repeated(7, 3),
        "d": np.array([1, 2, 3]),
    }
    request = ScoreRequest(
        "ranker",
        {"a": "double", "b": "string", "c": "integer", "d": "double"},
        columns,
        3,
        ("p", "q"),
    )
    head = orjson.dumps(
        {
            "model_version": "3",
            "outputs": [
                {
                    "name": "p",
                    "datatype": "FP64",
                    "shape": [3],
                    "parameters": {"binary_data_size": 24, "missing_rows": "0,2"},
                },
                {"name": "q", "datatype": "FP32", "shape": [3], "parameters": {"binary_data_size": 12}},
            ],
        }
    )
    tail = struct.pack("<3d3f", 0.0, 0.5, 0.0, 1.0, 2.0, -0.0)
    reply = b"HTTP/1.1 200 OK\r\nInference-Header-Content-Length: %d\r\nContent-Length: %d\r\n\r\n"
    reply = reply % (len(head), len(head) + len(tail)) + head + tail
    async with serving(reply, seen=seen, encoding="binary") as scorer:
        scores = await scorer.score(request, 1.0)

    assert scores.columns["p"] == [None, 0.5, None]
    assert np.asarray(scores.columns["q"]).tobytes() == tail[24:]
    assert scores.model_version == 3
    sent, body = seen[0]
    length = int(sent.lower().split("inference-header-content-length: ")[1].split("\r\n")[0])
    assert body[length:] == struct.pack("<3d", 1.5, math.nan, math.nan) + struct.pack("<q3d", 7, 1.0, 2.0, 3.0)
    assert orjson.loads(body[:length]) == {
        "parameters": {"on_row_error": "null", "binary_data_output": True},
        "inputs": [
            {
                "name": "a",
                "datatype": "FP64",
                "shape": [3],
                "parameters": {"binary_data_size": 24, "missing_rows": "1"},
            },
            {"name": "b", "datatype": "BYTES", "shape": [3], "data": ["x", None, "é"]},
            {"name": "c", "datatype": "INT64", "shape": [1], "parameters": {"context": True, "binary_data_size": 8}},
            {"name": "d", "datatype": "FP64", "shape": [3], "parameters": {"binary_data_size": 24}},
        ],
        "outputs": [{"name": "p"}, {"name": "q"}],
    }


@pytest.mark.parametrize("length", ["x", "-1", "99999"])
async def test_a_reply_that_is_wrong_about_its_own_length_is_an_error(length: str) -> None:
    reply = response(200, GOOD).replace(b"\r\n", b"\r\nInference-Header-Content-Length: %s\r\n" % length.encode(), 1)
    async with serving(reply) as scorer:
        with pytest.raises(SidecarError, match="V2"):
            await scorer.score(REQUEST, 1.0)


async def test_a_reply_in_chunks_is_read() -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (GOOD[:7], GOOD[7:])) + b"0\r\n\r\n"
    async with serving(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks) as scorer:
        assert (await scorer.score(REQUEST, 1.0)).columns["p"] == [0.5]


async def test_a_cancelled_call_does_not_leave_its_reply_to_the_next() -> None:
    late = asyncio.Event()

    async def reply(writer: asyncio.StreamWriter) -> None:
        if not late.is_set():
            late.set()
            await asyncio.sleep(0.2)
            writer.write(response(200, GOOD.replace(b"0.5", b"0.9")))
        else:
            writer.write(response(200, GOOD))

    async with serving(reply) as scorer:
        with pytest.raises(TimeoutError):
            await scorer.score(REQUEST, 0.05)
        await asyncio.sleep(0.4)
        assert (await scorer.score(REQUEST, 5.0)).columns["p"] == [0.5]


async def test_what_came_unasked_is_not_taken_for_the_next_calls_reply() -> None:
    calls = []

    async def reply(writer: asyncio.StreamWriter) -> None:
        calls.append(writer.get_extra_info("peername")[1])
        writer.write(response(200, GOOD))
        if len(calls) == 1:
            await asyncio.sleep(0.05)
            writer.write(response(200, GOOD.replace(b"0.5", b"0.9")))
            await writer.drain()

    async with serving(reply) as scorer:
        assert (await scorer.score(REQUEST, 5.0)).columns["p"] == [0.5]
        await asyncio.sleep(0.2)
        with pytest.raises(SidecarUnreachable):
            await scorer.score(REQUEST, 5.0)
        assert (await scorer.score(REQUEST, 5.0)).columns["p"] == [0.5]

    assert len(set(calls)) == len(calls) == 2


async def test_more_calls_than_connections_wait_and_a_cancelled_one_leaves_its_place() -> None:
    ports = set()

    async def reply(writer: asyncio.StreamWriter) -> None:
        ports.add(writer.get_extra_info("peername")[1])
        await asyncio.sleep(0.01)
        writer.write(response(200, GOOD))

    async with serving(reply, max_connections=1) as scorer:
        calls = [asyncio.create_task(scorer.score(REQUEST, 5.0)) for _ in range(20)]
        await asyncio.sleep(0.005)
        for call in calls[1:10]:
            call.cancel()
        answers = await asyncio.gather(*calls, return_exceptions=True)

    assert sum(isinstance(answer, asyncio.CancelledError) for answer in answers) == 9
    assert [answer.columns["p"] for answer in answers if isinstance(answer, Scores)] == [[0.5]] * 11
    assert len(ports) <= 3 + 9  # two more connections than the setting, and one for each that was closed


async def test_a_unix_socket_serves_as_well(tmp_path: Path) -> None:
    async with serving(response(200, GOOD), uds=tmp_path / "s") as scorer:
        assert (await scorer.score(REQUEST, 1.0)).columns["p"] == [0.5]


async def test_the_connection_is_kept() -> None:
    ports = set()

    async def reply(writer: asyncio.StreamWriter) -> None:
        ports.add(writer.get_extra_info("peername")[1])
        writer.write(response(200, GOOD))

    async with serving(reply) as scorer:
        for _ in range(5):
            await scorer.score(REQUEST, 1.0)

    assert len(ports) == 1


@pytest.mark.parametrize("status", [400, 404, 413, 422])
async def test_what_the_sidecar_declines_is_no_failure_of_it(status: int) -> None:
    async with serving(response(status)) as scorer:
        with pytest.raises(SidecarRefused, match=f"status {status}: because"):
            await scorer.score(REQUEST, 1.0)


@pytest.mark.parametrize(
    "reply",
    [
        response(500),
        response(503),
        response(302),
        response(200, b"<html>"),
        b"nonsense\r\n\r\n",
        response(500, b"\xff"),
    ],
)
async def test_what_cannot_be_used_is_an_error_of_the_sidecar(reply: Any) -> None:
    async with serving(reply) as scorer:
        with pytest.raises(SidecarError):
            await scorer.score(REQUEST, 1.0)


async def test_too_late_for_the_sidecar_is_a_timeout() -> None:
    async with serving(response(504)) as scorer:
        with pytest.raises(TimeoutError):
            await scorer.score(REQUEST, 1.0)


async def test_a_connection_that_closes_before_a_byte_processed_nothing() -> None:
    async with serving(None) as scorer:
        with pytest.raises(SidecarUnreachable) as caught:
            await scorer.score(REQUEST, 1.0)

    assert caught.value.retryable


@pytest.mark.parametrize("bytes_sent", [1, 12, 30, -10])
async def test_a_reply_that_breaks_off_may_have_been_processed(bytes_sent: int) -> None:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(response(200, GOOD)[:bytes_sent])
        await writer.drain()
        writer.close()

    async with serving(reply) as scorer:
        with pytest.raises(SidecarError) as caught:
            await scorer.score(REQUEST, 1.0)

    assert not caught.value.retryable


async def test_a_black_hole_times_out() -> None:
    async def reply(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with serving(reply) as scorer:
        with pytest.raises(TimeoutError):
            await scorer.score(REQUEST, 0.05)
        with pytest.raises(TimeoutError):
            await scorer.ping(0.05)


async def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    scorer = HttpScorer(SidecarSettings(address=address))

    with pytest.raises(SidecarUnreachable) as caught:
        await scorer.score(REQUEST, 1.0)

    assert caught.value.retryable
    await scorer.close()


async def test_a_socket_file_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    scorer = HttpScorer(SidecarSettings(address=f"unix:{tmp_path}/none"))

    with pytest.raises(SidecarUnreachable):
        await scorer.ping(1.0)

    await scorer.close()


async def test_a_ping_is_sent_once() -> None:
    seen: list[tuple[str, bytes]] = []
    async with serving(None, seen=seen) as scorer:
        with pytest.raises(SidecarUnreachable):
            await scorer.ping(5.0)

    assert len(seen) == 1


async def test_ping_wants_readiness() -> None:
    async with serving(response(200)) as scorer:
        await scorer.ping(1.0)
    async with serving(response(503)) as scorer:
        with pytest.raises(SidecarError):
            await scorer.ping(1.0)


@pytest.mark.parametrize(
    "address",
    ["", "localhost:8080", "ftp://x", "http://", "http://h:port", "unix:relative", "http://h:99999"],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match="address"):
        HttpScorer(SidecarSettings(address=address))


@pytest.mark.parametrize(("state", "expected"), [("a=1,b=2", ["a=1,b=2"]), ("", [])])
async def test_a_trace_travels_as_it_came(state: str, expected: list[Any]) -> None:
    seen: list[tuple[str, bytes]] = []
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    async with serving(response(200, GOOD), seen=seen) as scorer:
        await scorer.score(replace(REQUEST, trace=Trace(parent, state)), 0.75)
        await scorer.score(REQUEST, 0.75)

    heads = [dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line) for head, _ in seen]
    assert heads[0]["traceparent"] == parent
    assert [heads[0]["tracestate"]] == expected if expected else "tracestate" not in heads[0]
    assert "traceparent" not in heads[1]
