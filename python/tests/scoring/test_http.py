"""The client against servers of bytes: what each way to answer wrongly becomes."""

import asyncio
import contextlib
import socket

import orjson
import pytest

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError, SidecarError, SidecarRefused, SidecarUnreachable
from pillion.scoring import HttpScorer, ScoreRequest

REQUEST = ScoreRequest("ranker", {"a": "double"}, {"a": [1.0]}, 1, ("p",), "r1")
GOOD = orjson.dumps(
    {
        "model_version": "1",
        "id": "r1",
        "outputs": [{"name": "p", "datatype": "FP64", "shape": [1], "data": [0.5]}],
    }
)


def response(status, body=b'{"error": "because"}'):
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body


@contextlib.asynccontextmanager
async def serving(reply, uds=None, seen=None):
    async def answer(reader, writer):
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
    scorer = HttpScorer(SidecarSettings(address=address))
    try:
        yield scorer
    finally:
        await scorer.close()
        server.close()


async def test_a_request_says_how_much_time_is_left_and_which_it_is():
    seen = []
    async with serving(response(200, GOOD), seen=seen) as scorer:
        scores = await scorer.score(REQUEST, 0.75)

    head, body = seen[0]
    assert scores.columns["p"] == [0.5]
    assert head.startswith("POST /v2/models/ranker/infer ")
    assert "x-deadline-ms: 750.000" in head.lower()
    assert "x-request-id: r1" in head.lower()
    assert orjson.loads(body)["inputs"][0]["data"] == [1.0]


async def test_a_unix_socket_serves_as_well(tmp_path):
    async with serving(response(200, GOOD), uds=str(tmp_path / "s")) as scorer:
        assert (await scorer.score(REQUEST, 1.0)).columns["p"] == [0.5]


async def test_the_connection_is_kept():
    ports = set()

    async def reply(writer):
        ports.add(writer.get_extra_info("peername")[1])
        writer.write(response(200, GOOD))

    async with serving(reply) as scorer:
        for _ in range(5):
            await scorer.score(REQUEST, 1.0)

    assert len(ports) == 1


@pytest.mark.parametrize("status", [400, 404, 413, 422])
async def test_what_the_sidecar_declines_is_no_failure_of_it(status):
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
async def test_what_cannot_be_used_is_an_error_of_the_sidecar(reply):
    async with serving(reply) as scorer:
        with pytest.raises(SidecarError):
            await scorer.score(REQUEST, 1.0)


async def test_too_late_for_the_sidecar_is_a_timeout():
    async with serving(response(504)) as scorer:
        with pytest.raises(TimeoutError):
            await scorer.score(REQUEST, 1.0)


async def test_a_connection_that_closes_before_a_byte_processed_nothing():
    async with serving(None) as scorer:
        with pytest.raises(SidecarUnreachable) as caught:
            await scorer.score(REQUEST, 1.0)

    assert caught.value.retryable


async def test_a_reply_that_breaks_off_may_have_been_processed():
    async def reply(writer):
        writer.write(response(200, GOOD)[:-10])
        await writer.drain()
        writer.close()

    async with serving(reply) as scorer:
        with pytest.raises(SidecarError) as caught:
            await scorer.score(REQUEST, 1.0)

    assert not caught.value.retryable


async def test_a_black_hole_times_out():
    async def reply(writer):
        await asyncio.sleep(5)

    async with serving(reply) as scorer:
        with pytest.raises(TimeoutError):
            await scorer.score(REQUEST, 0.05)


async def test_nobody_listening_is_unreachable():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}"
    scorer = HttpScorer(SidecarSettings(address=address))

    with pytest.raises(SidecarUnreachable) as caught:
        await scorer.score(REQUEST, 1.0)

    assert caught.value.retryable
    await scorer.close()


async def test_a_socket_file_that_is_not_there_is_unreachable(tmp_path):
    scorer = HttpScorer(SidecarSettings(address=f"unix:{tmp_path}/none"))

    with pytest.raises(SidecarUnreachable):
        await scorer.ping(1.0)

    await scorer.close()


async def test_ping_wants_readiness():
    async with serving(response(200)) as scorer:
        await scorer.ping(1.0)
    async with serving(response(503)) as scorer:
        with pytest.raises(SidecarError):
            await scorer.ping(1.0)


@pytest.mark.parametrize(
    "address",
    ["", "localhost:8080", "ftp://x", "http://", "http://h:port", "unix:relative", "http://h:99999"],
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ConfigurationError, match="address"):
        HttpScorer(SidecarSettings(address=address))
