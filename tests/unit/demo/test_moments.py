"""Real rows for the shim: each has the features that the store holds, and the requests say which rows they are."""

import pandas as pd
import pytest

from pillion.demo.moments import CANDIDATES, draw_moments
from pillion.errors import InvalidInput
from tests.support.fixture_dataset import contents
from tests.support.models import PICKER_INPUTS, RANKER_INPUTS

EVENTS = pd.DataFrame(
    {
        "user_id": [1, 3, 4, 999, 5],
        "item_id": [10, 20, 30, 40, 999],
        "hour": [1, 2, 3, 4, 5],
        "weekday": [0, 1, 2, 3, 4],
        "device": ["tv", "mobile", "tv", "tv", "tv"],
        "country": ["DE"] * 5,
        "referrer": ["email"] * 5,
    }
)


def test_a_moment_has_its_film_and_others_of_the_catalog_each_once() -> None:
    drawn = draw_moments(RANKER_INPUTS, contents(), EVENTS, 1000, 7, single_row=False)

    assert [request.user_id for request in drawn.requests] == [1, 3, 4]
    for request, film in zip(drawn.requests, (10, 20, 30), strict=True):
        assert request.items[0] == film
        assert len(set(request.items)) == len(request.rows) == CANDIDATES
        for row, item in zip(request.rows, request.items, strict=True):
            assert drawn.columns["item_score"][row] == item / 300
            assert drawn.columns["hour"][row] == request.context["hour"]
            assert drawn.columns["device"][row] == request.context["device"]
    rates = [drawn.columns["user_rate"][request.rows[0]] for request in drawn.requests]
    assert rates[:2] == [0.1, None]
    assert repr(rates[2]) == "nan"


def test_a_model_of_all_items_gets_a_row_a_moment() -> None:
    drawn = draw_moments(PICKER_INPUTS, contents(), EVENTS, 2, 7, single_row=True)
    assert [(request.rows, request.items) for request in drawn.requests] == [((0,), ()), ((1,), ())]
    assert {name: len(column) for name, column in drawn.columns.items()} == {"user_rate": 2, "device": 2}


def test_an_input_that_nobody_has_is_named() -> None:
    with pytest.raises(InvalidInput, match="'mood'"):
        draw_moments([{"name": "mood", "type": "string"}], contents(), EVENTS, 2, 7, single_row=True)
