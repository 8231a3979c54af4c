"""The whole service: the real store, the real sidecar and the real shim, each a process, with the published models."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pillion.cli.stack import Stack
from pillion.config import SidecarSettings
from pillion.features import read_contents
from pillion.shim.process import ShimProcess
from tests.support.command import Command

pytestmark = pytest.mark.process
CONTENTS = "data/movielens/contents.npz"
EVENING: dict[str, Any] = {
    "device": "tv",
    "country": "DE",
    "referrer": "direct",
    "hour": 21,
    "weekday": 5,
}
PATIENT = {
    "PILLION_RECOMMEND_DEADLINE_MS": "20000",
    "PILLION_RECOMMEND_ADMISSION_LAG_MS": "20000",
    "PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS": "15000",
    "PILLION_SIDECAR_SLOW_MS": "14000",
    "PILLION_STORE_ATTEMPT_TIMEOUT_MS": "15000",
    "PILLION_STORE_SLOW_MS": "14000",
}


@pytest.fixture(scope="module")
def stack(root: Path, jar: Path) -> Iterator[Stack]:
    with Stack(
        None,
        SidecarSettings(jar=jar, models=root / "pmml-models"),
        lambda: read_contents(root / CONTENTS),
    ) as stack:
        yield stack


@pytest.fixture(scope="module")
def shim(stack: Stack, root: Path) -> Iterator[httpx.Client]:
    process = ShimProcess(
        stack.sidecar_address,
        stack.store_settings.url,
        root / "pmml-models",
        environment=PATIENT,
    )
    address = process.start()
    with httpx.Client(base_url=address, timeout=60.0, trust_env=False) as client:
        yield client
    process.stop()


def ask(shim: httpx.Client, user_id: int, k: int = 5, **body: Any) -> Any:
    response = shim.post(
        "/v1/recommendations",
        json={"user_id": user_id, "k": k, "context": EVENING, **body},
    )
    assert response.status_code == 200, response.text
    return response.json()


def test_a_known_user_gets_titled_films_from_the_model_best_first(shim: httpx.Client) -> None:
    answer = ask(shim, 15)

    assert (answer["source"], answer["reason"], answer["model"]) == (
        "online",
        None,
        "ranker",
    )
    scores = [item["score"] for item in answer["items"]]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 5
    assert all(0.0 < score < 1.0 for score in scores)
    assert all(item["title"] for item in answer["items"])


def test_get_says_the_same_as_post(shim: httpx.Client) -> None:
    got = shim.get("/v1/recommendations/15", params={"k": 5, **EVENING}).json()

    assert got["items"] == ask(shim, 15)["items"]


def test_the_moment_changes_the_scores_of_the_same_films(shim: httpx.Client) -> None:
    films = [item["item_id"] for item in ask(shim, 15, k=50)["items"]]
    evening = ask(shim, 15, k=50, candidates=films)
    morning = ask(shim, 15, k=50, candidates=films, context={**EVENING, "hour": 9})

    assert {i["item_id"] for i in morning["items"]} == {i["item_id"] for i in evening["items"]}
    assert morning["items"] != evening["items"]


def test_what_a_user_has_seen_is_left_out(shim: httpx.Client, root: Path) -> None:
    seen = set(read_contents(root / CONTENTS).seen[15])

    assert not seen & {item["item_id"] for item in ask(shim, 15, k=200)["items"]}


def test_an_unknown_user_and_an_unknown_device_are_answered(shim: httpx.Client) -> None:
    answer = ask(shim, 987_654_321, context={"device": "fridge", "hour": 3, "weekday": 0})

    assert (answer["source"], answer["reason"], len(answer["items"])) == (
        "online",
        "unknown_user",
        5,
    )


def test_the_multinomial_model_ranks_its_thirty_films(shim: httpx.Client) -> None:
    answer = ask(shim, 4, k=30, model="titles30")

    assert (answer["source"], answer["model"]) == ("online", "titles30")
    assert sum(item["score"] for item in answer["items"]) <= 1.0 + 1e-9
    assert 0 < len(answer["items"]) <= 30


def test_ten_thousand_candidates_are_one_answer(shim: httpx.Client, root: Path) -> None:
    films = read_contents(root / CONTENTS).items.ids
    answer = ask(
        shim,
        15,
        k=1000,
        candidates=[int(i) for i in films][:9_000] + list(range(2_000_000, 2_001_000)),
    )

    assert (answer["source"], len(answer["items"]), len(answer["unknown_items"])) == (
        "online",
        1000,
        1000,
    )


def test_status_says_what_the_sidecar_has_of_items_in_memory(
    pillion: Command, shim: httpx.Client, stack: Stack
) -> None:
    asked = ("status", "--url", str(shim.base_url), "--sidecar", stack.sidecar_address)

    told = json.loads(pillion(*asked, "--json").out)["sidecar"]["ranker"]
    text = pillion(*asked).out

    count = f"{told['items']:,} items of feature version {told['feature_version']} in memory"
    assert told["items"] > 9_000
    assert f"items      ranker: {count}, {told['bytes_per_item']} bytes an item" in text
    assert "items      titles30: no items in memory" in text


def test_a_killed_sidecar_is_answered_around_and_found_again(shim: httpx.Client, stack: Stack) -> None:
    stack.sidecar_process.kill()
    without = ask(shim, 15)
    stack.stop_sidecar()
    stack.start_sidecar()
    answers = (ask(shim, 15) for _ in range(2_000))
    found = next(answer for answer in answers if answer["source"] == "online")

    assert without["source"] in ("segment", "popular")
    assert without["reason"]
    assert len(without["items"]) == 5
    assert len(found["items"]) == 5
