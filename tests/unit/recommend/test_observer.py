"""The observers of the data plane: what they are told, and that none is in the way."""

import logging

import pytest

from pillion.features import MemoryStore
from pillion.recommend import ScoredRequest
from pillion.types import Request, Source
from tests.support.data_plane import AT_NINE, Recommending, ids, reference_scores
from tests.support.fixture_dataset import MISSING_USER
from tests.support.item_scorer import ItemScorer


class Recorder:
    """Keeps what it is told, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.told: list[ScoredRequest] = []
        self.closed = False
        self._error = error

    def scored(self, scored: ScoredRequest) -> None:
        self.told.append(scored)
        if self._error is not None:
            raise self._error

    async def close(self) -> None:
        self.closed = True


async def test_an_observer_is_told_what_the_model_got_and_gave(store: MemoryStore, recommending: Recommending) -> None:
    recorder = Recorder()
    recommender = await recommending(store, ItemScorer(store, reference_scores), observers=[recorder])

    answer = await recommender.recommend(Request(MISSING_USER, 2, [9, 5, 7], AT_NINE))

    (told,) = recorder.told
    assert told.context == {"user_rate": None, "device": "tv", "hour": 9}
    assert told.candidates.tolist() == [9, 5, 7]
    assert told.result.items.tolist() == ids(answer) == [9, 7]
    assert told.request.catalog is recommender.catalog
    await recommender.close()
    assert recorder.closed


async def test_the_warm_up_and_the_fallback_are_not_told(store: MemoryStore, recommending: Recommending) -> None:
    recorder = Recorder()
    recommender = await recommending(store, ItemScorer(store, reference_scores), observers=[recorder])
    await recommender.warm_up()
    store.down = True
    answer = await recommender.recommend(Request(1, 2))

    assert answer.source != Source.ONLINE
    assert recorder.told == []


async def test_an_observer_that_fails_keeps_no_answer_back(
    store: MemoryStore, recommending: Recommending, caplog: pytest.LogCaptureFixture
) -> None:
    failing, after = Recorder(ValueError("no")), Recorder()
    recommender = await recommending(store, ItemScorer(store, reference_scores), observers=[failing, after])

    with caplog.at_level(logging.ERROR):
        answer = await recommender.recommend(Request(1, 2, context=AT_NINE))

    assert (answer.source, answer.reason, len(after.told)) == (Source.ONLINE, None, 1)
    assert "an observer failed at a request" in caplog.text
