"""A plain GET takes a way past FastAPI; whatever it asks for, the answer is the one that FastAPI's way gives."""

import itertools

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.world import load_world
from pillion.config import RecommendSettings, ShimSettings, SidecarSettings, StoreSettings
from pillion.features import MemoryStore
from pillion.recommend import Recommender
from pillion.scoring import FakeScorer, ModelRepository
from pillion.shim import create_app
from pillion.shim.plain import PlainGets, read_plain
from pillion.types import Context, Request
from scoring.models import write_models
from test_recommend import NOW, by_pencil

PATIENT = RecommendSettings(deadline_ms=20_000, reserve_ms=1_000, exercise_share=0.0)
# Values of every kind: those that are plain, those that FastAPI reads all the same, and those that are refused.
VALUES = st.one_of(
    st.sampled_from(["tv", "DE", "5", "007", "0", "", "-1", "1.0", "+5", "1_0", "²", "ranker", "nobody", "a b", "%20"]),
    st.integers(-5, 1200).map(str),
    st.text(max_size=6),
)
NAMES = st.sampled_from(["k", "hour", "weekday", "device", "country", "referrer", "model", "other", "K"])
USERS = st.one_of(st.integers(0, 300).map(str), st.sampled_from(["007", "-1", "9" * 18, "9" * 19, "me", "1.0", "１"]))
# None is tight, or a slow machine would answer one way in time and the other not.
DEADLINES = st.sampled_from([None, "50000", "9000.5", "0", "-1", "9e3", "nan", "many", " 50000", "0.0"])


def make(folder):
    return Recommender(
        MemoryStore(),
        FakeScorer(by_pencil),
        ModelRepository(write_models(folder / "models")),
        PATIENT,
        StoreSettings(attempt_timeout_ms=9_000, slow_ms=8_000),
        SidecarSettings(attempt_timeout_ms=9_000, slow_ms=8_000),
        now=lambda: NOW,
    )


class Both:
    """An application, and the same one without the short way."""

    def __init__(self, recommender):
        self.short = create_app(recommender, ShimSettings())
        self.long = create_app(recommender, ShimSettings())
        self.long.user_middleware = [entry for entry in self.long.user_middleware if entry.cls is not PlainGets]
        assert len(self.short.user_middleware) == len(self.long.user_middleware) + 1

    async def ask(self, path, params, headers):
        answers = []
        for app in (self.short, self.long):
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shim") as client:
                response = await client.get(path, params=params, headers={"X-Request-Id": "r", **headers})
            body = response.json()
            body.pop("timings_ms", None)
            answers.append((response.status_code, body, dict(response.headers) | {"content-length": ""}))
        return answers


@pytest.fixture
async def both(tmp_path):
    recommender = make(tmp_path)
    await load_world(recommender._needs.store)
    await recommender.start()
    yield Both(recommender)
    await recommender.close()


@given(
    user=USERS,
    query=st.lists(st.tuples(NAMES, VALUES), max_size=4),
    deadline=DEADLINES,
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_both_ways_give_the_same_answer(both, user, query, deadline):
    headers = {} if deadline is None else {"X-Deadline-Ms": deadline}
    short, long = await both.ask(f"/v1/recommendations/{user}", query, headers)

    assert short == long


def scope(path="/v1/recommendations/7", query=b"", headers=(), method="GET", **changes):
    return {
        "type": "http", "method": method, "path": path, "query_string": query, "headers": list(headers),
        "state": {"request_id": "r"},
    } | changes  # fmt: skip


def test_a_plain_get_is_read_whole():
    query = b"k=5&device=tv&country=DE&referrer=email&hour=9&weekday=2&model=ranker"

    found = read_plain(scope(query=query, headers=[(b"x-deadline-ms", b"20.5")]))

    assert found == Request(7, 5, None, Context("tv", "DE", "email", 9, 2), "ranker", "r", 20.5)
    assert read_plain(scope()) == Request(7, request_id="r")


def test_trace_and_waiting_time_travel_with_a_plain_get():
    found = read_plain(scope(state={"request_id": "r", "trace": "a trace", "waited_ms": 12.5}))

    assert (found.trace, found.waited_ms) == ("a trace", 12.5)


@pytest.mark.parametrize(
    "other",
    [
        scope(method="POST"), scope(method="HEAD"), scope(root_path="/shim"), scope(path="/v1/recommendations/"),
        scope(path="/v1/recommendations/7/"), scope(path="/v1/status"), scope(path="/v1/recommendations/" + "9" * 19),
        scope(query=b"k=5&k=6"), scope(query=b"k=-5"), scope(query=b"k=5.0"), scope(query=b"device="),
        scope(query=b"device=a+b"), scope(query=b"device=%C3%A4"), scope(query=b"device=\xc3\xa4"),
        scope(query=b"other=5"), scope(query=b"k"), scope(query=b"&"), scope(headers=[(b"x-deadline-ms", b"0")]),
        scope(headers=[(b"x-deadline-ms", b"1")] * 2), {"type": "websocket"},
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_fastapi(other):
    assert read_plain(other) is None


async def test_a_plain_get_is_counted_under_its_route(both):
    transport = httpx.ASGITransport(both.short)
    async with httpx.AsyncClient(transport=transport, base_url="http://shim") as client:
        for user in itertools.islice(range(1, 9), 3):
            await client.get(f"/v1/recommendations/{user}")
        text = (await client.get("/metrics")).text

    counted = 'pillion_requests_total{method="GET",route="/v1/recommendations/{user_id}",status="200"} 3.0'
    assert counted in text
    assert 'pillion_answers_total{reason="none",source="online"} 3.0' in text
