"""What workers of one shim tell each other."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pillion.features import MemoryStore
from pillion.recommend import Recommender
from pillion.scoring import FakeScorer, ModelRepository
from pillion.shim.metrics import RequestMetrics
from pillion.shim.peers import Peers
from tests.support.data_plane import reference_scores
from tests.support.models import PROJECT, write_models


def peers_of(recommender: Recommender, folder: Path | None) -> Peers:
    return Peers(recommender, RequestMetrics(recommender), folder)


def state(recommender: Recommender) -> str:
    return recommender.breakers["store"].state.value


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[tuple[Recommender, Recommender]]:
    repository = ModelRepository(write_models(tmp_path / "models"))
    both = [Recommender(MemoryStore(), FakeScorer(reference_scores), repository, project=PROJECT) for _ in range(2)]
    yield both[0], both[1]
    for each in both:
        await each.close()


async def exchange_once(peers: Peers) -> None:
    task = asyncio.create_task(peers.exchange())
    await asyncio.sleep(0)
    task.cancel()


async def test_a_mode_reaches_the_others_once_and_one_that_comes_later(
    two: tuple[Recommender, Recommender], tmp_path: Path
) -> None:
    first, second = two
    one, other = peers_of(first, tmp_path), peers_of(second, tmp_path)
    one.force("store", "open")
    assert (state(first), state(second)) == ("forced_open", "closed")

    await exchange_once(other)
    assert state(second) == "forced_open"

    second.breakers["store"].reset()
    await exchange_once(other)
    assert state(second) == "closed"  # what was wanted once is not wanted again

    await exchange_once(peers_of(second, tmp_path))
    assert state(second) == "forced_open"


async def test_the_status_has_that_of_the_others(two: tuple[Recommender, Recommender], tmp_path: Path) -> None:
    peers = peers_of(two[0], tmp_path)
    await exchange_once(peers)
    (tmp_path / "1.json").write_text(json.dumps({"pid": 1, "snapshot": {"version": 7}}))

    status = peers.status()

    assert status["others"] == [{"pid": 1, "snapshot": {"version": 7}}]
    assert f"{status['pid']}.json" in os.listdir(tmp_path)


async def test_a_shim_of_one_process_has_no_others(two: tuple[Recommender, Recommender]) -> None:
    peers = peers_of(two[0], None)
    peers.force("store", "closed")
    await peers.exchange()

    assert peers.status()["others"] == []
    assert state(two[0]) == "metrics_only"


async def test_a_worker_goes_on_after_a_turn_whose_files_could_not_be_written(
    two: tuple[Recommender, Recommender], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pillion.shim.peers._EVERY_S", 0.0)
    folder = tmp_path / "workers"
    task = asyncio.create_task(peers_of(two[0], folder).exchange())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not task.done()

    folder.mkdir()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert json.loads((folder / f"{os.getpid()}.json").read_bytes())["pid"] == os.getpid()
    task.cancel()
