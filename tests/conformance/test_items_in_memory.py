"""Items of the online store in the sidecar's memory: ranked by their ids as full rows are, by version, whatever the
store does."""

import asyncio
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from pillion.config import StoreSettings
from pillion.errors import SidecarLacksItems, SidecarRefused
from pillion.features.store_process import StoreProcess
from pillion.scoring import CATALOG, RankedItems, RankRequest, Scorer, ScoreRequest, rank
from pillion.types import Repeated, Value
from tests.conformance.items_stack import PATIENCE_S, Stack, stack
from tests.conformance.models import RANKER_TYPES, write_models
from tests.conformance.store_items import GERMAN, NAMES, SCORES, publish

pytestmark = pytest.mark.process

SHARED: dict[str, Value] = {"rate": 1.5, "device": "tv", "hour": 7}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def valkey() -> Iterator[StoreProcess]:
    with StoreProcess() as process:
        yield process


@pytest.fixture(scope="module")
def shared(jar: Path, models: Path, valkey: StoreProcess) -> Iterator[Stack]:
    with stack(jar, models, StoreSettings(url=valkey.url)) as started:
        yield started


@pytest.fixture
def numbers(shared: Stack) -> Stack:
    """Items with numbers are active."""
    shared.publish(SCORES, german=[4, 11, 3])
    return shared


def asked(**changes: Any) -> RankRequest:
    return replace(RankRequest("ranker", RANKER_TYPES, SHARED, 9, request_id="r"), **changes)


def each(scorers: list[Scorer], request: RankRequest) -> list[RankedItems]:
    async def run() -> list[RankedItems]:
        try:
            return [await scorer.rank(request, PATIENCE_S) for scorer in scorers]
        finally:
            for scorer in scorers:
                await scorer.close()

    return asyncio.run(run())


def full_rows(stack: Stack, scores: Mapping[Any, float | None]) -> dict[Any, float | None]:
    """Each item's score, of full rows that the sidecar is sent."""
    ids = list(scores)
    columns = {
        **{name: Repeated(value, len(ids)) for name, value in SHARED.items()},
        "item_score": [scores[item] for item in ids],
    }

    async def run() -> dict[Any, float | None]:
        scorer = stack.scorers()[0]
        try:
            request = ScoreRequest("ranker", RANKER_TYPES, columns, len(ids), ("probability(1)",))
            found = await scorer.score(request, PATIENCE_S)
            return dict(zip(ids, found.columns["probability(1)"], strict=True))
        finally:
            await scorer.close()

    return asyncio.run(run())


def best(scores: Mapping[Any, float | None], among: Any, k: int = 9) -> list[tuple[Any, float]]:
    """Items in order by their scores, equal ones by rising id."""
    kept = [(item, scores[item]) for item in among if scores[item] is not None]
    ordered = sorted(kept, key=lambda pair: (-(pair[1] or 0.0), pair[0]))
    return [(item, score or 0.0) for item, score in ordered[:k]]


def pairs(ranked: RankedItems) -> list[tuple[Any, float]]:
    return list(zip(ranked.items, ranked.scores, strict=True))


@pytest.mark.parametrize("scores", [SCORES, NAMES], ids=["numbers", "texts"])
def test_named_items_have_the_bits_and_the_order_of_full_rows(
    shared: Stack, scores: Mapping[Any, float | None]
) -> None:
    version = shared.publish(scores)
    expected = full_rows(shared, scores)
    named = list(scores)[:4]

    for k in (1, 9):
        for ranked in each(shared.scorers(), asked(items=named, k=k, feature_version=version)):
            assert pairs(ranked) == best(expected, named, k)
            assert (ranked.feature_version, ranked.candidates) == (version, 4)
            assert ranked.unscored == sum(scores[item] is None for item in named)
            assert (ranked.model_version, ranked.engine) == (2, "jpmml")


def test_lists_name_all_items_or_popular_ones_less_those_excluded(numbers: Stack) -> None:
    expected = full_rows(numbers, SCORES)
    popular = list(reversed(SCORES))
    cases: list[tuple[dict[str, Any], list[Any]]] = [
        ({"listed": CATALOG}, list(SCORES)),
        ({"listed": CATALOG, "excluded": [3, 5, 404]}, [7, 11, 70_000, 4]),
        ({"listed": "global", "list_size": 2}, popular[:2]),
        ({"listed": "global", "list_size": 2, "excluded": popular[:2]}, popular[2:4]),
        ({"listed": GERMAN, "list_size": 4}, [4, 11, 3, popular[1]]),
        ({"listed": GERMAN, "list_size": 2, "excluded": [11]}, [4, 3]),
        ({"items": [3, 4, 7], "excluded": [4]}, [3, 7]),
    ]
    for changes, names in cases:
        for ranked in each(numbers.scorers(), asked(**changes)):
            assert (pairs(ranked), ranked.candidates) == (best(expected, names), len(names)), changes


def test_items_that_the_sidecar_lacks_are_sent_along(numbers: Stack) -> None:
    described = {6: {"item_score": 0.75}, 900: {"item_score": None}}
    expected = full_rows(numbers, {**SCORES, 6: 0.75, 900: None})

    for ranked in each(numbers.scorers(), asked(items=[7, 5, 11], described=described)):
        assert pairs(ranked) == best(expected, [7, 5, 11, 6, 900])
        assert (ranked.candidates, ranked.unscored) == (5, 2)


def test_a_default_stands_in_where_an_item_has_no_value(numbers: Stack) -> None:
    described = {6: {"item_score": None}}
    expected = full_rows(numbers, {**SCORES, 11: 0.125, 6: 0.125})
    request = asked(items=[7, 11], described=described, defaults={"item_score": 0.125})

    for ranked in each(numbers.scorers(), request):
        assert pairs(ranked) == best(expected, [7, 11, 6])
    for ranked in each(numbers.scorers(), replace(request, described={})):
        assert pairs(ranked) == best(expected, [7, 11])


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"item_ids": [7, 8]}, "'item_ids', index 1: the model's item table has no item 8"),
        ({"item_ids": ["7"]}, "'item_ids', index 0: the model's item table has no item '7'"),
        ({"item_ids": [7], "list": "global"}, "the request names items by 'item_ids' and by 'list'"),
        ({"list": "country=FR"}, "has no popularity list 'country=FR'"),
        ({"list": 3}, "'list'"),
        ({"list": "global", "list_size": 0}, "'list_size' is not a whole number from 1"),
        ({"list": "global", "feature_version": 0}, "'feature_version' is not a whole number from 1"),
        (
            {"list": "global", "exclude": [1, "a"]},
            "'exclude', index 1: all items are whole numbers",
        ),
        ({"exclude": [7]}, "'exclude' leaves out items that are named by 'item_ids' or 'list'"),
        ({"list": "global", "items": ["x"], "candidates": []}, "'items' are of another type than the ids"),
        ({"list": "global", "items": [6]}, "'items' has 1 candidates, but no values of the input 'item_score'"),
    ],
)
def test_items_that_cannot_be_named_so_are_refused_with_a_reason(
    numbers: Stack, body: dict[str, Any], sentence: str
) -> None:
    if body.get("exclude") == [7]:
        columns = [{"name": "item_score", "datatype": "FP64", "shape": [1], "data": [0.5]}]
        body = {**body, "candidates": columns}

    answer = numbers.by_json(**body)

    assert answer["status"] == 400
    assert sentence in answer["error"]
    assert numbers.by_json(item_ids=[7])["items"] == [7]


def test_a_version_that_is_not_in_memory_is_told_from_a_bad_request(numbers: Stack) -> None:
    for scorer in numbers.scorers():
        with pytest.raises(SidecarLacksItems, match="feature version 999 are not in memory, but those of version"):
            each([scorer], asked(items=[7], feature_version=999))
    for scorer in numbers.scorers():
        with pytest.raises(SidecarRefused, match="has no item 8") as caught:
            each([scorer], asked(items=[8]))
        assert not isinstance(caught.value, SidecarLacksItems)


def test_versions_are_swapped_under_load_without_an_error_and_the_one_before_is_still_answered(shared: Stack) -> None:
    first = shared.publish(SCORES)
    before = full_rows(shared, SCORES)
    changed = {item: None if score is None else score / 2 for item, score in SCORES.items()}
    after = full_rows(shared, changed)
    ended = threading.Event()
    wrong: list[Any] = []
    asked_of: set[int] = set()

    def load() -> None:
        while not ended.is_set():
            answer = shared.by_json(list=CATALOG)
            version = answer.get("feature_version")
            expected = before if version == first else after
            if "error" in answer or list(zip(answer["items"], answer["scores"], strict=True)) != best(expected, SCORES):
                wrong.append(answer)
                return
            asked_of.add(version)

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    shared.wait(lambda: first in asked_of or wrong, "an answer of the first version")
    second = shared.publish(changed)
    shared.wait(lambda: second in asked_of or wrong, "an answer of the second version")
    ended.set()
    for thread in threads:
        thread.join()

    assert wrong == []
    (old,) = each([shared.scorers()[1]], asked(listed=CATALOG, feature_version=first))
    assert (pairs(old), old.feature_version) == (best(before, SCORES), first)


@pytest.mark.parametrize(
    ("features", "problem"),
    [
        ({"likes": [1, 2]}, "they have none of the model's inputs"),
        ({"item_score": ["a", "b"]}, "they have features of other types: 'item_score' (string instead of double)"),
    ],
)
def test_items_that_do_not_fit_the_model_are_a_reason_and_full_rows_are_served(
    shared: Stack, features: dict[str, Any], problem: str
) -> None:
    version = publish(shared.store, {1: None, 2: None}, features=features)
    shared.wait(
        lambda: f"feature version {version}" in shared.metadata().get("items_problem", ""),
        "a version that does not fit",
    )

    answer = shared.by_json(list=CATALOG)

    assert answer["status"] == 409
    assert answer["error"].endswith(f"do not fit version 2 of the model 'ranker': {problem}")
    assert shared.metadata()["items_problem"] == answer["error"]
    assert "items" not in shared.metadata()
    assert full_rows(shared, SCORES)[7] is not None
    shared.publish(SCORES)
    assert shared.by_json(item_ids=[7])["items"] == [7]


def test_whole_numbers_are_taken_as_doubles(shared: Stack) -> None:
    shared.publish({1: None, 2: None}, features={"item_score": [3, -2]})
    expected = full_rows(shared, {1: 3.0, 2: -2.0})

    (ranked,) = each([shared.scorers()[0]], asked(listed=CATALOG))

    assert pairs(ranked) == best(expected, [1, 2])


def test_metadata_and_metrics_say_what_is_in_memory(numbers: Stack) -> None:
    told, metrics = numbers.metadata(), numbers.metrics()

    assert told["items"] == len(SCORES)
    assert 0 < told["bytes_per_item"] < 200
    assert f'pillion_items_version{{state="active"}} {float(told["feature_version"])}' in metrics
    assert f'pillion_items_held{{state="active"}} {float(len(SCORES))}' in metrics
    assert "pillion_items_stale 0.0" in metrics


def test_too_many_items_are_refused_with_the_numbers_and_the_old_ones_serve(jar: Path, models: Path) -> None:
    with StoreProcess() as process:
        settings = StoreSettings(url=process.url)
        publish(settings, SCORES)
        with stack(jar, models, settings, "--item-memory", "20000") as small:
            version = small.metadata()["feature_version"]
            publish(settings, {item: 0.5 for item in range(5_000)})
            small.wait(lambda: "pillion_items_stale 1.0" in small.metrics(), "the refusal of a large version")

            answer = small.by_json(list=CATALOG, feature_version=version)
            refused = small.by_json(list=CATALOG, feature_version=version + 1)

    assert answer["candidates"] == len(SCORES)
    assert "the items of feature version 2 take at least 1 MiB, but all items may take 1 MiB" in refused["error"]


def test_a_store_that_dies_leaves_what_was_loaded(jar: Path, models: Path) -> None:
    process = StoreProcess()
    process.start()
    publish(StoreSettings(url=process.url), SCORES)
    with stack(jar, models, StoreSettings(url=process.url)) as orphan:
        process.stop()
        orphan.wait(lambda: "pillion_items_stale 1.0" in orphan.metrics(), "the store to be missed")

        answer = orphan.by_json(list=CATALOG)

    assert (answer["candidates"], answer["feature_version"]) == (len(SCORES), 1)


def test_a_start_without_a_store_serves_full_rows_and_loads_the_items_once_it_is_there(jar: Path, models: Path) -> None:
    process = StoreProcess()
    process.start()
    url = process.url
    process.stop()
    port = int(url.split(":")[2].split("/")[0])
    with stack(jar, models, StoreSettings(url=url)) as early:
        refused = early.by_json(list=CATALOG)
        served = full_rows(early, SCORES)
        with StoreProcess(port) as late:
            publish(StoreSettings(url=late.url), SCORES)
            early.wait(lambda: early.metadata().get("items") == len(SCORES), "the items of a store that came late")
            ranked = early.by_json(list=CATALOG)

    assert refused["status"] == 409
    assert refused["error"].startswith("no items of the feature store are in memory: the store at")
    assert list(zip(ranked["items"], ranked["scores"], strict=True)) == best(served, SCORES)


def test_a_unix_socket_and_a_password_reach_the_store(jar: Path, models: Path) -> None:
    folder = tempfile.TemporaryDirectory(prefix="pillion-")
    with folder as name, StoreProcess(config={"unixsocket": f"{name}/s"}) as process:
        publish(StoreSettings(url=process.url), SCORES)
        server: Any = Redis.from_url(process.url)
        asyncio.run(server.config_set("requirepass", "p:w"))
        told = StoreSettings(url=process.url, password=SecretStr("p:w"))
        for settings in (told, StoreSettings(url=f"unix://:p%3Aw@{name}/s")):
            with stack(jar, models, settings) as reached:
                assert reached.metadata()["items"] == len(SCORES)


def test_rank_agrees_with_the_python_order() -> None:
    """`best` is what the shim's own ranking of full rows does."""
    import numpy as np

    items = np.array(list(SCORES), dtype=np.int64)
    ranked = rank(items, list(SCORES.values()), 4)

    assert list(zip(ranked.items.tolist(), ranked.scores.tolist(), strict=True)) == best(SCORES, SCORES, 4)
