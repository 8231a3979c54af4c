"""What differences are put down to, with the ranker's reference formula in the place of its engine."""

import asyncio
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pillion.errors import ConfigurationError
from pillion.export.difference import StageDifference
from pillion.features import FeatureTable, MemoryStore
from pillion.replay import ReplayResult, replay_log, run
from pillion.replay.bundle import write_bundle
from pillion.replay.causes import Difference
from pillion.replay.feature_versions import FeatureVersions
from pillion.replay.model_version import ModelVersion, read_model_version
from pillion.scoring import ModelRepository, Scores
from pillion.types import Value
from pillion.watch import LoggedRequest, hash_user
from tests.support.fixture_dataset import FILMS, UNKNOWN_USER, load_fixture_dataset
from tests.support.models import PROJECT, ranker_score, write_models, write_ranker

KEY = b"key"
USERS = (1, 2, 3, 5, 8, UNKNOWN_USER)
"""Of the third the rate is missing, and the last one is none that the store knows."""
INTERCEPTS = {1: -1.0, 2: -2.0}
CANDIDATES = tuple(range(40, 140))


class ReferenceEngine:
    """The formula of a version of the ranker."""

    def __init__(self, model: ModelVersion) -> None:
        self._intercept = INTERCEPTS[model.version]

    def score(self, columns: Mapping[str, Sequence[Any]], rows: int) -> Scores:
        cells = zip(*(columns[name] for name in ("user_rate", "item_score", "device", "hour")), strict=True)
        scores = [ranker_score(rate, score, device, hour, self._intercept) for rate, score, device, hour in cells]
        return Scores({"probability(1)": scores})


@pytest.fixture
async def store() -> MemoryStore:
    """Version 1 has other scores of films, and other rates of users; version 2 is the fixture dataset."""
    store = MemoryStore()
    films = FeatureTable(list(FILMS), {"item_score": [1 - film / 300 for film in FILMS], "year": list(FILMS)})
    users = FeatureTable(list(range(1, 41)), {"user_rate": [0.5] * 40, "plan": ["free"] * 40})
    await load_fixture_dataset(store, items=films, users=users)
    await load_fixture_dataset(store)
    return store


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelRepository:
    folder = write_models(tmp_path / "models")
    write_ranker(folder, 2)
    monkeypatch.setattr(run, "open_engine", lambda model, jar: ReferenceEngine(model))
    return ModelRepository(folder)


def answered(user: int, version: int = 1, rate: float | None = None) -> LoggedRequest:
    """A request as version 1 of the ranker answers it with the fixture dataset."""
    known = None if user in (3, UNKNOWN_USER) else user / 10
    context: dict[str, Value] = {"user_rate": known if rate is None else rate, "device": "tv", "hour": user % 24}
    scored = {
        film: ranker_score(context["user_rate"], film / 300, "tv", user % 24, INTERCEPTS[version])  # type: ignore[arg-type]
        for film in CANDIDATES
    }
    best = sorted(CANDIDATES, key=lambda film: (-scored[film], film))[:5]
    return LoggedRequest(
        user, 1.0, hash_user(user, KEY).hex(), "ranker", 1, "compiled", 2, 5, context, CANDIDATES, tuple(best),
        tuple(scored[film] for film in best),
    )  # fmt: skip


async def replayed(
    folder: Path, store: MemoryStore, models: ModelRepository, requests: Sequence[LoggedRequest], **more: Any
) -> ReplayResult:
    log = folder / "requests-1.jsonl"
    log.write_bytes(b"".join(request.to_bytes() for request in requests))

    def work() -> ReplayResult:
        with FeatureVersions(store, 10.0) as versions:
            return replay_log(
                log, models, versions, PROJECT.inputs, folder / "no.jar", session=None, **{"key": KEY, **more}
            )

    return await asyncio.to_thread(work)  # it has an event loop of its own


async def test_requests_that_were_answered_so_come_out_the_same(
    tmp_path: Path, store: MemoryStore, models: ModelRepository
) -> None:
    result = await replayed(tmp_path, store, models, [answered(user) for user in USERS])

    assert (result.found.checked, result.differing, result.reasons) == (len(USERS), 0, {})
    assert result.users == len(USERS) - 1
    assert result.found.served == USERS[-1]


async def test_each_cause_is_told_from_the_others(tmp_path: Path, store: MemoryStore, models: ModelRepository) -> None:
    requests = [
        answered(1),
        answered(2, rate=9.0),
        replace(answered(5), feature_version=1, context={**answered(5).context, "user_rate": 0.5}),
        answered(8, version=2),
        replace(answered(UNKNOWN_USER), feature_version=1),
        replace(answered(3), scores=(*answered(3).scores[:-1], 0.25)),
    ]
    result = await replayed(tmp_path, store, models, requests, bundles=tmp_path / "bundles")
    found = {each.request.line: each for each in result.differences}

    assert {line: each.cause for line, each in found.items()} == {
        2: "value", 3: "freshness", 4: "model", 5: "freshness", 6: "value",
    }  # fmt: skip
    assert found[2].sentence == (
        "the user's feature 'user_rate': 9.0 was scored, but feature version 2 of the store has 0.2"
    )
    assert found[4].sentence.endswith("version 2 of the model gives what was logged")
    assert found[5].sentence.endswith("the items' features were feature version 2's")
    assert (found[6].item, found[6].logged) == (answered(3).items[-1], 0.25)
    assert {path.name for path in result.bundles} == {
        f"{each.cause}-requests-1-{line}.zip" for line, each in found.items()
    }
    assert result.found.differing == {"value": 2, "freshness": 2, "model": 1}


async def test_an_order_that_is_another_is_a_difference(
    tmp_path: Path, store: MemoryStore, models: ModelRepository
) -> None:
    request = answered(1)
    turned = replace(request, items=request.items[::-1], scores=request.scores[::-1])

    assert (await replayed(tmp_path, store, models, [turned])).differing == 1


async def test_what_cannot_be_computed_again_is_told(
    tmp_path: Path, store: MemoryStore, models: ModelRepository
) -> None:
    requests = [
        replace(answered(1), feature_version=3),
        replace(answered(1), candidates=(*CANDIDATES, 999)),
        replace(answered(1), version=3),
        replace(answered(1), context={"user_rate": 0.1}),
        replace(answered(1), model="gone"),
    ]
    result = await replayed(tmp_path, store, models, requests)

    assert (result.found.checked, result.found.unchecked) == (0, 5)
    assert set(result.reasons.values()) == {1}
    assert {"the store no longer has feature version 3", "the log has no value of the input 'device'"} < set(
        result.reasons
    )


async def test_what_was_sent_of_an_item_comes_before_the_store(
    tmp_path: Path, store: MemoryStore, models: ModelRepository
) -> None:
    """An item that the table lacks was sent with its features, and is scored with them again."""
    request = answered(1)
    score = ranker_score(0.1, 1.0, "tv", 1)
    sent = replace(
        request, candidates=(*CANDIDATES, 999), items=(999, *request.items[:-1]), scores=(score, *request.scores[:-1]),
        sent={999: {"item_score": 1.0, "year": 3}},
    )  # fmt: skip

    assert (await replayed(tmp_path, store, models, [sent])).differing == 0


async def test_requests_of_one_model_and_some_of_many_are_taken(
    tmp_path: Path, store: MemoryStore, models: ModelRepository
) -> None:
    requests = [*(answered(user) for user in USERS), replace(answered(1), model="other")]
    result = await replayed(tmp_path, store, models, requests, model="ranker", most=3)

    assert (result.logged, result.found.checked, result.found.unchecked) == (len(USERS), 3, 0)


def test_the_bundle_of_a_transform_has_the_stage_that_differs(tmp_path: Path, models: ModelRepository) -> None:
    model = read_model_version(models, "ranker", 1)
    row: dict[str, Value] = {"user_rate": 0.1, "item_score": math.inf, "device": None, "hour": 3}
    stage = StageDifference("bucketizer_1", "Bucketizer", "rate_bucket", 1.0, math.nan, None, row, "<PMML/>")
    found = Difference(answered(1), model, "transform", str(stage), 57, 0.5, math.nan, row, stage)

    with zipfile.ZipFile(write_bundle(found, tmp_path / "new")) as bundle:
        about, difference = (json.loads(bundle.read(name)) for name in ("about.json", "difference.json"))
        given = json.loads(bundle.read("row.jsonl"))
        document = bundle.read("model.pmml")

    assert (difference["stage"], difference["column"], difference["engine"]) == ("bucketizer_1", "rate_bucket", "NaN")
    assert given == {**row, "item_score": "Infinity"}
    assert (about["recomputed"], about["item"], about["why"]) == ("NaN", 57, str(stage))
    assert document == model.document


def test_a_bundle_that_cannot_be_written_is_named(tmp_path: Path, models: ModelRepository) -> None:
    (tmp_path / "file").touch()
    model = read_model_version(models, "ranker", 1)

    with pytest.raises(ConfigurationError, match=r"file/value-.*zip cannot be written"):
        write_bundle(Difference(answered(1), model, "value", "why", 1, 0.5, 0.25, {}), tmp_path / "file")
