"""What operators see of features, of the request log, and of live parity."""

from typing import Any

import pytest

from pillion.cli.status import watched
from pillion.watch import Replayed, log_files, note_replay, read_log
from tests.support.guide_page import shape
from tests.support.shim_app import ShimApp
from tools.checkout import ROOT

PAGE = ROOT / "docs/features-watched.md"


async def watch_of(shim: ShimApp) -> dict[str, Any]:
    found: dict[str, Any] = (await shim.client.get("/v1/status")).json()["watch"]
    return found


async def test_features_of_requests_are_counted(shim: ShimApp) -> None:
    for device in ("tv", "mobile", "fridge"):
        await shim.client.get("/v1/recommendations/8", params={"device": device, "hour": 9})

    features = {each["feature"]: each for each in (await watch_of(shim))["features"]}
    text = (await shim.client.get("/metrics")).text

    assert features.keys() == {"user_rate", "device", "hour"}
    assert (features["device"]["values"], features["device"]["unseen"]) == (3, 1)
    assert 'pillion_feature_unseen_total{feature="device",model="ranker"} 1.0' in text
    assert 'pillion_feature_values_total{feature="user_rate",model="ranker"} 3.0' in text
    assert "unseen     ranker's device: 1 of 3 values" in watched(await watch_of(shim))


async def test_requests_are_logged_with_the_answers_scores_and_no_user(shim: ShimApp) -> None:
    answer = (await shim.client.get("/v1/recommendations/8", params={"hour": 9, "k": 3})).json()
    await shim.watch.close()
    (path,) = log_files(shim.log)
    (logged,) = read_log(path)
    text = (await shim.client.get("/metrics")).text

    assert list(logged.items) == [item["item_id"] for item in answer["items"]]
    assert list(logged.scores) == [item["score"] for item in answer["items"]]
    assert (logged.model, logged.version, logged.feature_version) == ("ranker", 1, 1)
    assert len(logged.candidates) == 200
    assert answer["request_id"] not in path.read_text()
    assert 'pillion_request_log_requests_total{outcome="written"} 1.0' in text
    assert "log        1 requests, 0 dropped, 0 failed" in watched(await watch_of(shim))


@pytest.mark.parametrize(
    ("by", "differing", "told"),
    [
        ("spark", {}, "10 of 1,000 served requests (1.00%) computed again by Spark: 0 differ"),
        ("engine", {"value": 2, "model": 1}, "by the engine, which is not Spark: 2 by value, 1 by model differ"),
    ],
)
async def test_what_a_replay_found_is_shown(shim: ShimApp, by: str, differing: dict[str, int], told: str) -> None:
    note_replay(shim.log, by, {"requests-1.jsonl": Replayed(1000, 10, differing, 3)}, at=1_700_000_000.0)

    text = (await shim.client.get("/metrics")).text

    assert "pillion_parity_checked_share 0.01" in text
    assert "pillion_parity_checked_requests 10.0" in text
    assert "pillion_parity_checked_timestamp_seconds 1.7e+09" in text
    for cause, count in differing.items():
        assert f'pillion_parity_differing_requests{{cause="{cause}"}} {float(count)}' in text
    line = watched(await watch_of(shim))[-1]
    assert told in line
    assert differing or shape(line) in map(shape, PAGE.read_text().splitlines())


async def test_a_cause_that_is_gone_is_shown_as_none(shim: ShimApp) -> None:
    note_replay(shim.log, "spark", {"requests-1.jsonl": Replayed(10, 10, {"value": 2})})
    await shim.client.get("/metrics")
    note_replay(shim.log, "spark", {"requests-1.jsonl": Replayed(10, 10)})

    assert 'pillion_parity_differing_requests{cause="value"} 0.0' in (await shim.client.get("/metrics")).text
