import logging
from collections.abc import AsyncIterator

import orjson
import pytest

from tests.support.fixture_dataset import UNKNOWN_USER
from tests.support.shim_app import ShimApp


async def test_get_answers_with_items_and_where_they_came_from(shim: ShimApp) -> None:
    response = await shim.client.get(
        "/v1/recommendations/8",
        params={"k": 2, "device": "tv", "country": "DE", "referrer": "email", "hour": 9, "weekday": 2},
        headers={"X-Request-Id": "abc-1"},
    )

    body = response.json()
    assert response.status_code == 200
    assert response.headers["x-request-id"] == body["request_id"] == "abc-1"
    assert [item["title"] for item in body["items"]] == ["Film 300", "Film 298"]
    assert (body["source"], body["reason"], body["model"], body["version"]) == ("online", None, "ranker", 1)
    assert set(body["timings_ms"]) == {"fetch", "assemble", "score", "rank", "total"}
    assert next(iter(shim.scorer.requests[0].columns["hour"])) == 9


async def test_post_says_the_same_as_get(shim: ShimApp) -> None:
    got = (await shim.client.get("/v1/recommendations/8?k=3&device=tv&hour=9&model=ranker")).json()
    posted = await shim.client.post(
        "/v1/recommendations",
        json={"user_id": 8, "k": 3, "context": {"device": "tv", "hour": 9}, "model": "ranker"},
    )

    assert posted.json()["items"] == got["items"]


async def test_post_ranks_the_candidates_given(shim: ShimApp) -> None:
    body = {"user_id": 1, "candidates": [5, 1, 9_999, 8]}

    answer = (await shim.client.post("/v1/recommendations", json=body)).json()

    assert [item["item_id"] for item in answer["items"]] == [8, 5]
    assert (answer["unknown_items"], answer["seen_items"]) == ([9_999], 1)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/recommendations/8?k=0", "k"),
        ("/v1/recommendations/8?k=-1", "k"),
        ("/v1/recommendations/8?k=1001", "k"),
        ("/v1/recommendations/8?k=99999999999999999999999999", "k"),
        ("/v1/recommendations/8?k=many", "k"),
        ("/v1/recommendations/8?k=1.5", "k"),
        ("/v1/recommendations/-8", "user_id"),
        ("/v1/recommendations/me", "user_id"),
        ("/v1/recommendations/9223372036854775808", "user_id"),
        ("/v1/recommendations/8?hour=24", "hour"),
        ("/v1/recommendations/8?weekday=x", "weekday"),
        ("/v1/recommendations/8?model=nobody", "model"),
        ("/v1/recommendations/8?moon=1", "moon"),
        ("/v1/recommendations/8?timestamp=1e20", "timestamp"),
        ("/v1/recommendations/8?device=" + "x" * 201, "device"),
    ],
)
async def test_a_bad_query_is_refused_by_name(shim: ShimApp, path: str, field: str) -> None:
    response = await shim.client.get(path)

    error = response.json()["error"]
    assert (response.status_code, error["code"], error["field"]) == (400, "invalid_input", field)
    assert field in error["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", None),
        (b"{", None),
        (b"[]", None),
        (b"null", None),
        (b"\xff", None),
        (b"{}", "user_id"),
        (b'{"user_id": "8"}', "user_id"),
        (b'{"user_id": true}', "user_id"),
        (b'{"user_id": NaN}', "user_id"),
        (b'{"user_id": -1}', "user_id"),
        (b'{"user_id": 8, "k": 0}', "k"),
        (b'{"user_id": 8, "k": 2.5}', "k"),
        (b'{"user_id": 8, "kk": 1}', "kk"),
        (b'{"user_id": 8, "candidates": 5}', "candidates"),
        (b'{"user_id": 8, "candidates": [1, "2"]}', "candidates"),
        (b'{"user_id": 8, "candidates": [-1]}', "candidates"),
        (b'{"user_id": 8, "context": {"hour": "9"}}', "context.hour"),
        (b'{"user_id": 8, "context": {"hour": 25}}', "hour"),
        (b'{"user_id": 8, "context": {"device": 5}}', "context.device"),
        (b'{"user_id": 8, "context": {"device": "\\ud800"}}', "device"),
        (b'{"user_id": 8, "context": {"timestamp": Infinity}}', "timestamp"),
        (b'{"user_id": 8, "context": {"moon": 1}}', "context.moon"),
        (b'{"user_id": ' + b"9" * 5000 + b"}", None),
        (b"[" * 50_000, None),
    ],
)
async def test_a_bad_body_is_refused_by_name(shim: ShimApp, body: bytes, field: str | None) -> None:
    response = await shim.client.post("/v1/recommendations", content=body, headers={"Content-Type": "application/json"})

    error = response.json()["error"]
    assert (response.status_code, error["code"], error["field"]) == (400, "invalid_input", field)
    assert error["message"]


async def test_no_candidates_and_ten_thousand_are_both_fine(shim: ShimApp) -> None:
    none = await shim.client.post("/v1/recommendations", json={"user_id": 8, "candidates": []})
    many = await shim.client.post(
        "/v1/recommendations", json={"user_id": 8, "candidates": list(range(10_000)), "k": 1000}
    )
    more = await shim.client.post("/v1/recommendations", json={"user_id": 8, "candidates": [1] * 10_001})

    assert (none.status_code, none.json()["items"], none.json()["reason"]) == (200, [], "no_candidates")
    assert (many.status_code, len(many.json()["items"])) == (200, 300)
    assert (more.status_code, more.json()["error"]["field"]) == (400, "candidates")


async def test_a_body_is_counted_whether_its_length_is_declared_or_not(shim: ShimApp) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b" " * 1000

    declared = await shim.client.post("/v1/recommendations", content=b" " * 100_001)
    counted = await shim.client.post("/v1/recommendations", content=chunks())

    for response in (declared, counted):
        assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/nowhere", 404, "not_found"), ("DELETE", "/v1/recommendations", 405, "method_not_allowed")],
)
async def test_what_is_not_there_has_the_same_form(
    shim: ShimApp, method: str, path: str, status: int, code: str
) -> None:
    response = await shim.client.request(method, path)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


async def test_a_request_id_that_is_none_is_replaced(shim: ShimApp) -> None:
    for given in ("", "a b", "x" * 129, "é"):
        response = await shim.client.get("/healthz", headers=[(b"X-Request-Id", given.encode())])

        assert len(response.headers["x-request-id"]) == 32


async def test_an_unknown_user_is_answered(shim: ShimApp) -> None:
    answer = (await shim.client.get(f"/v1/recommendations/{UNKNOWN_USER}?k=1")).json()

    assert (answer["source"], answer["reason"], len(answer["items"])) == ("online", "unknown_user", 1)


async def test_a_lost_store_is_answered_around(shim: ShimApp) -> None:
    shim.store.down = True

    response = await shim.client.get("/v1/recommendations/1?k=2&country=DE")
    ready = await shim.client.get("/readyz")

    assert response.status_code == 200
    assert (response.json()["source"], response.json()["reason"]) == ("segment", "store_unreachable")
    assert (ready.status_code, ready.json()["dependencies"]) == (200, {"store": "down", "sidecar": "up"})


async def test_without_a_snapshot_the_shim_is_live_but_not_ready(bare: ShimApp) -> None:
    bare.store.down = True
    await bare.recommender.start()

    answer = await bare.client.get("/v1/recommendations/1")
    ready = await bare.client.get("/readyz")

    assert (await bare.client.get("/healthz")).json() == {"live": True}
    assert (answer.status_code, answer.json()["items"], answer.json()["reason"]) == (200, [], "no_snapshot")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)


async def test_a_caller_may_be_in_a_hurry(shim: ShimApp) -> None:
    response = await shim.client.get("/v1/recommendations/1", headers={"X-Deadline-Ms": "0.001"})
    wrong = await shim.client.get("/v1/recommendations/1", headers={"X-Deadline-Ms": "nan"})

    assert response.json()["reason"] == "deadline_exceeded"
    assert wrong.status_code == 400


async def test_metrics_count_requests_answers_attempts_and_breakers(shim: ShimApp) -> None:
    await shim.client.get("/v1/recommendations/8")
    await shim.client.get("/v1/recommendations/8?k=0")
    shim.store.down = True
    await shim.client.get("/v1/recommendations/8")

    text = (await shim.client.get("/metrics")).text

    route = 'method="GET",route="/v1/recommendations/{user_id}"'
    for line in (
        f'pillion_shim_requests_total{{{route},status="200"}} 2.0',
        f'pillion_shim_requests_total{{{route},status="400"}} 1.0',
        'pillion_answers_total{reason="none",source="online"} 1.0',
        'pillion_probe_calls_total{dependency="store"} 0.0',
        'pillion_answers_total{reason="store_unreachable",source="popular"} 1.0',
        'pillion_breaker_state{dependency="store",state="closed"} 1.0',
        'pillion_attempts_total{dependency="sidecar",outcome="succeeded"} 1.0',
        'pillion_attempts_total{dependency="store",outcome="failed"} 1.0',
    ):
        assert line in text
    assert "pillion_shim_request_seconds_bucket" in text
    assert "pillion_snapshot_age_seconds" in text
    assert "pillion_batch_age_seconds" in text


async def test_unknown_paths_are_one_label(shim: ShimApp) -> None:
    for number in range(5):
        await shim.client.get(f"/scan/{number}")

    text = (await shim.client.get("/metrics")).text

    assert 'route="unknown",status="404"} 5.0' in text
    assert "/scan/" not in text


async def test_status_shows_breakers_versions_and_age(shim: ShimApp) -> None:
    status = (await shim.client.get("/v1/status")).json()

    assert status["snapshot"]["version"] == 1
    assert status["snapshot"]["age_s"] > 0
    assert status["batch"].items() >= {"run": 1, "model": "nightly", "version": 9}.items()
    assert status["batch"]["age_s"] > 0
    assert status["models"] == {"picker": 1, "ranker": 1}
    assert status["breakers"]["store"]["state"] == status["breakers"]["sidecar"]["state"] == "closed"


async def test_an_error_that_nobody_expected_shows_nothing_of_itself(
    shim: ShimApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(request: object) -> None:
        raise RuntimeError("/secret/path")

    monkeypatch.setattr(shim.recommender, "recommend", fail)
    response = await shim.client.get("/v1/recommendations/1")

    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal")
    assert "secret" not in response.text
    assert "x-request-id" in response.headers


async def test_the_description_has_examples(shim: ShimApp) -> None:
    described = (await shim.client.get("/openapi.json")).json()

    assert set(described["paths"]) >= {"/v1/recommendations/{user_id}", "/v1/recommendations", "/readyz"}
    schemas = described["components"]["schemas"]
    assert schemas["RequestBody"]["examples"][0]["candidates"]
    assert schemas["AnswerBody"]["examples"][0]["source"] == "online"
    assert "413" in described["paths"]["/v1/recommendations"]["post"]["responses"]
    assert orjson.dumps(described)


async def test_each_request_has_a_line_in_the_log(shim: ShimApp, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "pillion.shim.access"):
        await shim.client.get("/healthz")

    (record,) = [record for record in caplog.records if record.name == "pillion.shim.access"]
    assert (record.__dict__["path"], record.__dict__["status"]) == ("/healthz", 200)
