"""The request: what is refused before anything is asked."""

import pytest

from pillion.errors import InvalidInput
from pillion.features import MemoryStore
from pillion.types import Request
from tests.support.data_plane import Recommending, reference_scores
from tests.support.item_scorer import ItemScorer


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (Request(1, 0), "k"),
        (Request(1, -5), "k"),
        (Request(1, 1001), "k"),
        (Request(1, 10**30), "k"),
        (Request(1, True), "k"),
        (Request(-1), "user_id"),
        (Request(1 << 63), "user_id"),
        (Request("7"), "user_id"),
        (Request(1, candidates=[1, -1]), "candidates"),
        (Request(1, candidates=[1 << 63]), "candidates"),
        (Request(1, candidates=["5"]), "candidates"),
        (Request(1, context={"hour": 99}), "hour"),
        (Request(1, context={"weekday": "2"}), "weekday"),
        (Request(1, context={"moon": 1}), "moon"),
        (Request(1, model="nobody"), "model"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(
    store: MemoryStore, recommending: Recommending, request_: Request, field: str
) -> None:
    recommender = await recommending(store, ItemScorer(store, reference_scores))

    with pytest.raises(InvalidInput, match=field) as caught:
        await recommender.recommend(request_)

    assert caught.value.field == field
