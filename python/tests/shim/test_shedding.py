"""What is not admitted is answered while it is being read; the answer is the one that the usual way gives."""

import asyncio
import contextlib
import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.world import load_world
from pillion.shim import create_app
from pillion.shim.server import serve_async
from pillion.shim.turns import DependenciesFirst
from shim.test_plain import DEADLINES, NAMES, USERS, VALUES, make

PATH = "/v1/recommendations/7"
POST = b'POST /v1/recommendations HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"user_id":7}'
HEADERS = st.dictionaries(
    st.sampled_from(
        ["X-Request-Id", "connection", "Connection", "traceparent", "Content-Length", "Upgrade", "Expect", "Accept"]
    ),
    st.sampled_from(["r", "keep-alive", "Keep-Alive", "close", "0", "a b", "00-" + "1" * 32 + "-" + "2" * 16 + "-01"]),
    max_size=3,
)


@pytest.fixture
async def full(tmp_path):
    """A data plane that admits nobody: every place is taken, for as long as the test runs."""
    recommender = make(tmp_path)
    await load_world(recommender._needs.store)
    await recommender.start()
    with contextlib.ExitStack() as places:
        while not recommender.is_full():
            places.enter_context(recommender._admission.slot())
        yield recommender
    await recommender.close()


def raw(path, query=(), headers=()):
    url = httpx.Request("GET", f"http://shim{path}", params=list(query)).url.raw_path
    lines = [b"GET " + url + b" HTTP/1.1", b"Host: shim"]
    return b"\r\n".join([*lines, *(f"{name}: {value}".encode() for name, value in headers), b"", b""])


def post(body):
    lines = [b"POST /v1/recommendations HTTP/1.1", b"Content-Type: application/json"]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


def told(body):
    body.pop("timings_ms", None)
    return body


@given(user=USERS, query=st.lists(st.tuples(NAMES, VALUES), max_size=4), deadline=DEADLINES, headers=HEADERS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_answer_is_the_one_that_the_usual_way_gives(full, user, query, deadline, headers):
    app = create_app(full)
    headers |= {} if deadline is None else {"X-Deadline-Ms": deadline}
    path = f"/v1/recommendations/{user}"

    found = app.state.shedder.answer(raw(path, query, headers.items()), 0.0)

    if found is not None:
        given_headers = {name: value for name, value in headers.items() if name != "Content-Length"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shim") as client:
            usual = await client.get(path, params=query, headers=given_headers)
        assert usual.status_code == 200
        shed = {name.decode(): value.decode() for name, value in found[0]}
        assert told(json.loads(found[1])) | {"request_id": ""} == told(usual.json()) | {"request_id": ""}
        assert set(shed) == set(usual.headers)
        assert shed["content-type"] == usual.headers["content-type"]
        if headers.get("X-Request-Id") == "r":
            assert shed["x-request-id"] == usual.headers["x-request-id"] == json.loads(found[1])["request_id"] == "r"


def test_a_plain_request_is_answered_and_counted(full):
    app = create_app(full)
    before = full.status().admission[2]

    headers, body = app.state.shedder.answer(
        b"GET /v1/recommendations/7?k=3&device=tv HTTP/1.1\r\nHost: shim\r\nuser-agent: x/1.0 (y)\r\n"
        b"Connection: keep-alive\r\nx-request-id:  mine \r\n\r\n",
        12.5,
    )

    answer = json.loads(body)
    assert (answer["request_id"], answer["source"], answer["reason"]) == ("mine", "segment", "overloaded")
    assert len(answer["items"]) == 3
    assert answer["timings_ms"]["total"] >= 12.5
    assert dict(headers)[b"content-length"] == str(len(body)).encode()
    assert full.status().admission[2] == before + 1


@pytest.mark.parametrize(
    "data",
    [
        b"GET /v1/recommendations/7 HTTP/1.1\r\nHost: shim\r\n", b"GET /v1/status HTTP/1.1\r\nHost: shim\r\n\r\n",
        b"POST /v1/recommendations/7 HTTP/1.1\r\nHost: shim\r\n\r\n",
        b"GET /v1/recommendations/7 HTTP/1.0\r\nHost: shim\r\n\r\n",
        b"GET /v1/recommendations/7 HTTP/1.1\r\nHost: shim\r\n\r\nGET /v1/recommendations/8 HTTP/1.1\r\n\r\n",
        b"GET /v1/recommendations/7 HTTP/1.1\nHost: shim\n\n", b"GET /v1/recommendations/7 HTTP/1.1\r\n folded\r\n\r\n",
        b"GET /v1/recommendations/7 HTTP/1.1\r\nHost: a\rb\r\n\r\n",
        b"GET /v1/recommendations/7 HTTP/1.1\r\nHost: a\0b\r\n\r\n",
        b"GET /v1/recommendations/7 HTTP/1.1\r\nHost : shim\r\n\r\n",
        b"GET /v1/recommendations/7?k=0 HTTP/1.1\r\nHost: shim\r\n\r\n", b"", b"\r\n",
        *(
            b"GET /v1/recommendations/7 HTTP/1.1\r\n%b\r\n\r\n" % line
            for line in (
                b"Content-Length: 5", b"content-length: 0", b"Transfer-Encoding: chunked", b"Connection: close",
                b"Connection: keep-alive, upgrade", b"Upgrade: h2c", b"Expect: 100-continue", b"X-Deadline-Ms: -1",
            )
        ),
    ],
)  # fmt: skip
def test_what_is_not_plain_goes_the_usual_way(full, data):
    before = full.status().admission[2]

    assert create_app(full).state.shedder.answer(data, 0.0) is None
    assert full.status().admission[2] == before


async def test_with_room_a_request_is_let_through_and_those_on_their_way_count(tmp_path):
    recommender = make(tmp_path)
    await load_world(recommender._needs.store)
    await recommender.start()
    shedder = create_app(recommender).state.shedder
    limit = recommender.status().admission[0]

    ends = [shedder.answer(raw(PATH), 0.0) for _ in range(limit + 3)]
    await asyncio.sleep(0)
    later = shedder.answer(raw(PATH), 0.0)

    assert [end is None for end in ends] == [True] * limit + [False] * 3
    assert later is None
    await recommender.close()


async def test_while_the_process_is_late_nobody_is_admitted(tmp_path):
    recommender = make(tmp_path)
    await load_world(recommender._needs.store)
    await recommender.start()
    shedder = create_app(recommender).state.shedder

    found = [shedder.answer(raw(PATH), waited_ms, late_ms) for waited_ms, late_ms in ((0, 4.9), (0, 5.1), (5.1, 5.1))]

    assert [each is None for each in found] == [True, False, False]
    assert [json.loads(each[1])["timings_ms"]["total"] >= 5.1 for each in found[1:]] == [False, True]
    await recommender.close()


async def test_while_it_drains_nothing_is_shed_since_answers_must_say_that_they_are_the_last(full):
    app = create_app(full)
    app.state.draining = True

    assert app.state.shedder.answer(raw(PATH), 0.0) is None


@contextlib.asynccontextmanager
async def served(recommender, selector=None):
    """A server of the same process and loop; yields where it listens."""
    lines = asyncio.Queue()
    server = asyncio.create_task(serve_async(recommender, announce=lines.put_nowait, selector=selector))
    url = (await lines.get()).split()[-1]
    try:
        yield url.removeprefix("http://").split(":")
    finally:
        server.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await server


async def read_answers(reader, count):
    answers = []
    for _ in range(count):
        head = await reader.readuntil(b"\r\n\r\n")
        lines = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:-2])
        body = json.loads(await reader.readexactly(int(lines["content-length"])))
        answers.append((int(head[9:12]), lines, body))
    return answers


@pytest.mark.parametrize("ours", [True, False], ids=["our selector", "another loop's"])
def test_on_one_connection_all_kinds_of_requests_are_answered_in_their_order(tmp_path, ours):
    async def run():
        recommender = make(tmp_path)
        await load_world(recommender._needs.store)
        async with served(recommender, selector) as (host, port):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(raw("/v1/recommendations/1"))
            found = await read_answers(reader, 1)
            places = contextlib.ExitStack()
            while not recommender.is_full():
                places.enter_context(recommender._admission.slot())
            body = raw("/v1/recommendations/7")  # a request by the looks of it
            for answers, pieces in (
                (1, [raw("/v1/recommendations/2")]),
                (1, [raw("/v1/recommendations/3")[:9], raw("/v1/recommendations/3")[9:]]),
                (2, [raw("/v1/recommendations/4") + raw("/v1/recommendations/5")]),
                (1, [raw("/v1/recommendations/6")]),
                (1, [post(b'{"user_id":7}')]),
                (1, [post(body)[: -len(body)], body]),
                (1, [raw("/v1/recommendations/9")[:-2] + b"Referer: ", body]),
            ):
                for piece in pieces:
                    writer.write(piece)
                    await asyncio.sleep(0.05)
                found += await read_answers(reader, answers)
            places.close()
            writer.write(raw("/v1/recommendations/10"))
            found += await read_answers(reader, 1)
            writer.close()
        return found

    selector = DependenciesFirst() if ours else None
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        found = runner.run(run())

    assert [status for status, _, _ in found] == [200] * 7 + [400, 200, 200]
    assert [body.get("user_id") for _, _, body in found] == [1, 2, 3, 4, 5, 6, 7, None, 9, 10]
    assert [body.get("source") for _, _, body in found] == ["online", *["popular"] * 6, None, "popular", "online"]
    assert {body.get("reason") for _, _, body in found[1:7]} == {"overloaded"}
    assert len({frozenset(lines) for status, lines, _ in found if status == 200}) == 1


async def test_a_request_that_follows_one_under_way_is_answered_after_it(tmp_path):
    recommender = make(tmp_path)
    await load_world(recommender._needs.store)
    asked, going_on, score = asyncio.Event(), asyncio.Event(), recommender._needs.scorer.score

    async def slow_score(request, timeout_s):
        asked.set()
        await going_on.wait()
        return await score(request, timeout_s)

    recommender._needs.scorer.score = slow_score
    async with served(recommender) as (host, port):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(raw("/v1/recommendations/1"))
        await asked.wait()
        with contextlib.ExitStack() as places:
            while not recommender.is_full():
                places.enter_context(recommender._admission.slot())
            writer.write(raw("/v1/recommendations/2"))
            await asyncio.sleep(0.05)
            going_on.set()
            found = await read_answers(reader, 2)
        writer.close()

    assert [body["user_id"] for _, _, body in found] == [1, 2]
