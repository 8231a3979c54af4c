"""A guard hands its name, chance, sleep and listeners to its parts; the edges of a budget's settings."""

import pytest

from pillion.resilience import (
    BreakerSettings,
    Deadline,
    FakeClock,
    Guard,
    GuardSettings,
    RetryBudget,
    RetrySettings,
    StateChange,
)

SETTINGS = GuardSettings(
    max_in_flight=1,
    breaker=BreakerSettings(consecutive_failures=2, open_s=1.0, open_jitter=0.5),
    retry=RetrySettings(min_wait_s=0.0, max_wait_s=1.0, p99_s=0.0),
)


async def refuse(timeout_s: float) -> str:
    raise ConnectionRefusedError


async def test_name_chance_sleep_and_listeners_reach_the_parts(clock: FakeClock) -> None:
    changes: list[StateChange] = []
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    guard = Guard(
        "store",
        SETTINGS,
        budget=RetryBudget(1.0),
        clock=clock,
        random=lambda: 0.25,
        sleep=sleep,
        listeners=[changes.append],
    )
    with pytest.raises(ConnectionRefusedError):
        await guard.call(refuse, Deadline.after(10.0, clock))

    assert (guard.name, guard.breaker.name, guard.bulkhead.name) == ("store", "store", "store")
    assert slept == [0.25]
    assert [(change.breaker, change.open_s) for change in changes] == [("store", 1.0 * (1 - 0.5 * 0.25))]


def test_a_budget_counts_what_was_taken() -> None:
    budget = RetryBudget(1.0)
    taken = [budget.withdrawn]
    for _ in range(3):
        budget.deposit()
        assert budget.withdraw()
        taken.append(budget.withdrawn)
    assert not budget.withdraw()

    assert [*taken, budget.withdrawn] == [0, 1, 2, 3, 3]


def test_a_budget_of_nothing_and_one_of_a_single_token_are_budgets() -> None:
    nothing, single = RetryBudget(0.0), RetryBudget(1.0, 1)
    for budget in (nothing, single):
        budget.deposit()
        budget.deposit()

    assert (nothing.tokens, single.tokens) == (0.0, 1.0)
