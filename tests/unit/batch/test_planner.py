"""The planner: the textbook's cases, each constraint in turn, and what must grow with what."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillion.batch import Workload, plan
from pillion.batch.page import largest_catalogue, make_page
from pillion.batch.planner import Figure
from pillion.errors import InvalidInput

_MANY = Workload(users=100_000_000, items=30)


def test_a_hundred_million_users_and_thirty_titles_fit_a_cache() -> None:
    made = plan(_MANY)

    assert made.figure("ids alone") == made.figure("every pair") == 12e9
    assert made.verdict == "batch"
    assert 10 * 100e6 < made.figure("digests") < 16 * 100e6


def test_a_hundred_million_users_and_ten_million_products_do_not() -> None:
    made = plan(dataclasses.replace(_MANY, items=10_000_000))

    assert made.figure("every pair") == 4e15
    assert (made.verdict, made.binding.name) == ("online", "compute")
    kept = plan(dataclasses.replace(_MANY, items=10_000_000, top=10_000_000, candidates=1))
    assert (kept.verdict, kept.binding.name) == ("online", "memory")


@pytest.mark.parametrize(
    ("changes", "binding"),
    [
        ({"online_features": True}, "context"),
        ({"memory_gib": 40.0}, "memory"),
        ({"pairs_s": 1000.0, "cores": 1}, "compute"),
        ({"writes_s": 1000.0}, "refresh"),
        ({"max_age_h": 24.0}, "freshness"),
    ],
)
def test_each_constraint_can_decide(changes: dict[str, Any], binding: str) -> None:
    made = plan(dataclasses.replace(_MANY, **changes))

    assert (made.verdict, made.binding.name) == ("online", binding)
    assert made.sentence.startswith(f"online: {binding} binds, for ")


def test_the_nearest_constraint_is_named_where_all_hold() -> None:
    assert plan(_MANY).sentence == (
        "batch: all constraints hold, and freshness is nearest to binding with 24.8 of 48 hours"
    )


@pytest.mark.parametrize(
    ("value", "unit", "amount"),
    [
        (9.74e-06, "hours", "35.1 ms"), (0.5, "hours", "30 min"), (1.0, "hours", "1 hour"), (24.0, "hours", "24 hours"),
        (1.2e-5, "core-hours", "0.0432 core-seconds"), (1.0, "shards", "1 shard"), (20.0, "shards", "20 shards"),
        (1e-7, "cores", "less than 0.001 cores"), (0.0, "cores", "0 cores"), (1 / 1024, "GiB", "1 MiB"),
        (412.5, "EUR", "412 EUR"), (12e9, "bytes", "12 GB"), (3e21, "bytes", "3,000 EB"), (7.0, "bytes", "7 B"),
    ],
)  # fmt: skip
def test_an_amount_is_told_in_a_unit_of_its_size(value: float, unit: str, amount: str) -> None:
    assert Figure("any", value, unit, "").amount == amount


def test_a_small_workload_is_told_in_small_units_and_costs_in_a_currency() -> None:
    made = plan(Workload(users=10, items=30, max_age_h=0.5, refresh_h=0.4, currency="CHF"))

    assert made.sentence == "batch: all constraints hold, and freshness is nearest to binding with 24 of 30 min"
    assert [figure.unit for figure in made.figures if figure.name.endswith("a month")] == ["CHF", "CHF"]
    compute = next(each for each in made.constraints if each.name == "compute")
    assert (compute.needed_amount, compute.limit_amount) == ("0.188 ms", "24 min")


def test_what_cannot_be_is_refused_all_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        Workload(users=0, items=5, candidates=6, fill=1.5, server="memcached")

    assert str(refusal.value) == (
        "users is 0, and has to be more than 0; fill is 1.5, and has to be a share of up to 1;"
        " server is 'memcached', and has to be one of valkey, redis; candidates is 6, and there are 5 items"
    )


@given(st.integers(1, 10**9), st.integers(1, 10**7), st.integers(1, 200), st.sampled_from(("valkey", "redis")))
def test_more_users_items_and_copies_never_take_less(users: int, items: int, top: int, server: str) -> None:
    work = Workload(users=users, items=items, top=top, server=server)
    before = plan(work)

    growths: tuple[dict[str, Any], ...] = ({"users": users + 1}, {"top": top + 1}, {"replicas": 2}, {"versions": 3})
    for changes in growths:
        more = plan(dataclasses.replace(work, **changes))
        assert more.figure("store memory") >= before.figure("store memory")
        assert more.figure("scoring") >= before.figure("scoring")
    assert before.figure("answers") >= users * min(top, items) * 3


@given(st.integers(1, 10**9), st.floats(0.5, 2000))
def test_the_frontier_is_where_the_verdict_changes(users: int, memory_gib: float) -> None:
    work = Workload(users=users, items=1, memory_gib=memory_gib)
    most = largest_catalogue(work, users)

    if most:
        assert plan(dataclasses.replace(work, items=max(1, int(most)))).verdict == "batch"
        if most < 9e11:
            assert plan(dataclasses.replace(work, items=int(most * 1.01) + 2)).verdict == "online"


def test_a_page_has_the_verdict_and_three_drawings_and_no_script() -> None:
    page = make_page(plan(_MANY))

    assert plan(_MANY).sentence in page
    assert page.count("<svg") == 3
    assert "<script" not in page
    assert "http" not in page
