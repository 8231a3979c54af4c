"""The request's own values: what is refused, what stands in, and what is derived of the time."""

from typing import Any

import pytest

from pillion.errors import InvalidInput
from pillion.features import OnlineInputs
from pillion.project import Input
from pillion.types import Value
from tests.support.models import PROJECT

NOW = 1_700_000_000.0  # a Tuesday, 22:13 in UTC


def online(**inputs: Any) -> OnlineInputs:
    return OnlineInputs({name: Input(source="online", **declared) for name, declared in inputs.items()})


def test_hour_and_weekday_come_from_the_time_stamp_in_utc() -> None:
    inputs = OnlineInputs(PROJECT.online)

    assert inputs.read({}, NOW) == {"hour": 22, "weekday": 1, "device": None, "country": None, "referrer": None}
    assert inputs.read({"timestamp": 0.0}, NOW)["weekday"] == 3


def test_they_are_those_of_the_declared_time_zone() -> None:
    inputs = online(
        here={"type": "integer", "derive": "hour", "zone": "Europe/Zurich"},
        day={"type": "integer", "derive": "weekday", "zone": "Asia/Tokyo"},
    )

    assert inputs.read({}, NOW) == {"here": 23, "day": 2}
    assert inputs.read({"timestamp": 1_690_000_000}, NOW)["here"] == 6  # summer time


def test_what_the_caller_gives_is_taken() -> None:
    context: dict[str, Value] = {"device": "fridge", "country": "XX", "referrer": "ad", "hour": 0, "weekday": 6}

    assert OnlineInputs(PROJECT.online).read(context, NOW) == context


def test_a_default_stands_in_and_a_time_stamp_can_be_an_input() -> None:
    inputs = online(service={"type": "string", "default": "0"}, timestamp={"type": "timestamp"})

    assert inputs.read({}, NOW) == {"service": "0", "timestamp": "2023-11-14T22:13:20Z"}
    assert inputs.read({"service": "1", "timestamp": 5}, NOW) == {"service": "1", "timestamp": "1970-01-01T00:00:05Z"}


def test_numbers_become_what_their_column_holds() -> None:
    inputs = online(
        single={"type": "float"}, price={"type": "decimal"}, count={"type": "integer"}, day={"type": "date"}
    )

    values = inputs.read({"single": 0.1, "price": 3.50, "count": 2**62, "day": "2000-02-29"}, NOW)

    assert values == {"single": 0.10000000149011612, "price": "3.5", "count": 2**62, "day": "2000-02-29"}
    with pytest.raises(InvalidInput, match=r"'day' must be a date such as 2026-02-28, not '30\.2\.2000'"):
        inputs.read({"day": "30.2.2000"}, NOW)


@pytest.mark.parametrize(
    ("context", "field"),
    [
        ({"hour": 24}, "hour"),
        ({"hour": -1}, "hour"),
        ({"hour": True}, "hour"),
        ({"hour": 1.5}, "hour"),
        ({"weekday": 7}, "weekday"),
        ({"timestamp": float("nan")}, "timestamp"),
        ({"timestamp": 1e20}, "timestamp"),
        ({"device": "x" * 201}, "device"),
        ({"device": 5}, "device"),
        ({"country": "\ud800"}, "country"),
        ({"moon": 1}, "moon"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(context: dict[str, Value], field: str) -> None:
    with pytest.raises(InvalidInput, match=f"'{field}'") as caught:
        OnlineInputs(PROJECT.online).read(context, 0.0)

    assert caught.value.field == field


def test_a_refusal_says_what_was_expected() -> None:
    inputs = online(late={"type": "boolean"}, share={"type": "double", "range": [0, 1]})

    with pytest.raises(InvalidInput, match="'late' must be true or false, not 1"):
        inputs.read({"late": 1}, NOW)
    with pytest.raises(InvalidInput, match=r"'share' must be a number from 0\.0 to 1\.0, not 2|from 0 to 1, not 2"):
        inputs.read({"share": 2}, NOW)
    with pytest.raises(InvalidInput, match=r"no field 'moon'; pillion\.toml declares: late, share"):
        inputs.read({"moon": 2}, NOW)
