import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillion.resilience import Bulkhead, BulkheadFull, RetryBudget


def test_five_calls_buy_one_retry() -> None:
    budget = RetryBudget(0.2)
    withdrawn = []
    for _ in range(10):
        budget.deposit()
        withdrawn.append(budget.withdraw())

    assert withdrawn == [False] * 4 + [True] + [False] * 4 + [True]


def test_a_new_budget_is_empty() -> None:
    assert not RetryBudget().withdraw()


def test_a_refused_withdrawal_takes_nothing() -> None:
    budget = RetryBudget(0.5)
    budget.deposit()
    budget.withdraw()
    budget.deposit()

    assert budget.tokens == 1.0
    assert budget.withdraw()
    assert budget.tokens == 0.0


def test_the_bucket_does_not_overflow() -> None:
    budget = RetryBudget(0.2, max_tokens=2)
    for _ in range(1000):
        budget.deposit()

    assert [budget.withdraw() for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(("ratio", "tokens"), [(-0.1, 10), (1.1, 10), (0.2, 0)])
def test_a_senseless_budget_is_refused(ratio: float, tokens: int) -> None:
    with pytest.raises(ValueError, match="budget"):
        RetryBudget(ratio, tokens)


@settings(deadline=None)
@given(st.lists(st.booleans(), max_size=400))
def test_retries_never_exceed_a_fifth_of_calls(steps: list[bool]) -> None:
    budget = RetryBudget(0.2)
    calls = retries = 0
    for deposits in steps:
        if deposits:
            budget.deposit()
            calls += 1
        else:
            retries += budget.withdraw()
        assert retries * 5 <= calls


def test_a_full_bulkhead_refuses_at_once_and_admits_again_later() -> None:
    bulkhead = Bulkhead("store", limit=2)
    with bulkhead.slot():
        with bulkhead.slot():
            with pytest.raises(BulkheadFull, match="store: 2 calls") as caught, bulkhead.slot():
                pytest.fail("the third call was admitted")
            assert (bulkhead.in_flight, bulkhead.refused) == (2, 1)
        with bulkhead.slot():
            assert bulkhead.in_flight == 2

    assert caught.value.code == "bulkhead_full"
    assert bulkhead.in_flight == 0


def test_a_slot_is_given_back_after_an_error() -> None:
    bulkhead = Bulkhead("store", limit=1)
    with pytest.raises(KeyError), bulkhead.slot():
        raise KeyError

    assert bulkhead.in_flight == 0


def test_a_bulkhead_without_slots_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Bulkhead("store", limit=0)
