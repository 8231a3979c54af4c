"""The limit in front of the ladder: what it admits, and what it learns."""

from contextlib import ExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillion.resilience import AdmissionLimit, AdmissionSettings, FakeClock, Overloaded


def grow(limit: AdmissionLimit) -> None:
    """Raises a limit to its most by requests that are quick."""
    for _ in range(200):
        with ExitStack() as stack:
            for _ in range(limit.limit):
                stack.enter_context(limit.slot())


def limit_of(clock: FakeClock, **changes: float) -> AdmissionLimit:
    numbers = {"least": 2, "most": 8, "target_s": 0.125, "backoff": 0.5, **changes}
    return AdmissionLimit(AdmissionSettings(**numbers), clock)  # type: ignore[arg-type]


def test_it_starts_at_the_least_and_refuses_one_more(clock: FakeClock) -> None:
    limit = limit_of(clock)
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(limit.slot())
        with pytest.raises(Overloaded, match="2 requests are under way"), limit.slot():
            pass

        assert (limit.limit, limit.in_flight, limit.refused) == (2, 2, 1)
    assert limit.in_flight == 0
    with limit.slot():
        assert limit.in_flight == 1


def test_a_slow_request_cuts_the_limit(clock: FakeClock) -> None:
    limit = limit_of(clock)
    grow(limit)
    assert limit.limit == 8
    with limit.slot():
        clock.advance(0.25)

    assert limit.limit == 4


def test_a_request_that_takes_just_the_target_is_not_slow(clock: FakeClock) -> None:
    limit = limit_of(clock)
    grow(limit)
    with limit.slot():
        clock.advance(0.125)

    assert limit.limit == 8


def test_requests_of_one_generation_cut_once(clock: FakeClock) -> None:
    limit = limit_of(clock)
    grow(limit)
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(limit.slot())
        clock.advance(0.25)
    assert limit.limit == 4

    with limit.slot():
        clock.advance(0.25)
    assert limit.limit == 2


def test_it_never_falls_below_the_least(clock: FakeClock) -> None:
    limit = limit_of(clock)
    for _ in range(10):
        with limit.slot():
            clock.advance(1.0)

    assert limit.limit == 2


def test_quick_requests_raise_it_only_while_half_of_it_is_in_use(clock: FakeClock) -> None:
    limit = limit_of(clock)
    for _ in range(100):
        with limit.slot():
            pass
    assert limit.limit == 2  # one of two is half of it, one of three is not: it stops below 3

    grow(limit)
    assert limit.limit == 8


def test_a_failed_request_gives_its_slot_back(clock: FakeClock) -> None:
    limit = limit_of(clock)
    with pytest.raises(ValueError, match="no"), limit.slot():
        raise ValueError("no")

    assert limit.in_flight == 0


@pytest.mark.parametrize(
    "changes", [{"least": 0}, {"least": 9}, {"target_s": 0}, {"backoff": 0}, {"backoff": 1}, {"most": 1}, {"lag_s": 0}]
)
def test_settings_that_make_no_limit_are_refused(clock: FakeClock, changes: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        limit_of(clock, **changes)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.0625, 0.25])), max_size=200))
def test_whatever_happens_it_stays_in_its_range_and_loses_no_slot(steps: list[tuple[bool, float]]) -> None:
    clock = FakeClock(16.0)
    limit = limit_of(clock)
    held: list[ExitStack] = []
    refused = 0
    for begin, seconds in steps:
        clock.advance(seconds)
        if begin:
            stack = ExitStack()
            try:
                stack.enter_context(limit.slot())
                held.append(stack)
            except Overloaded:
                refused += 1
                assert len(held) >= limit.limit
        elif held:
            held.pop(0).close()

        assert 2 <= limit.limit <= 8
        assert (limit.in_flight, limit.refused) == (len(held), refused)


def test_one_request_at_a_time_is_a_limit_too(clock: FakeClock) -> None:
    limit = limit_of(clock, least=1, most=1)
    with limit.slot(), pytest.raises(Overloaded), limit.slot():
        pass

    assert limit.limit == 1


def test_a_saturated_dependency_cuts_the_limit_however_soon_it_refused(clock: FakeClock) -> None:
    limit = AdmissionLimit(AdmissionSettings(least=2, most=8, backoff=0.5), clock)
    while limit.limit < 8:
        with ExitStack() as held:
            for _ in range(limit.limit):
                held.enter_context(limit.slot())
    with limit.slot() as slot:
        slot.saturated = True

    assert limit.limit == 4


def test_an_event_loop_that_is_late_admits_nobody(clock: FakeClock) -> None:
    late_s = [0.010, 0.011]
    limit = AdmissionLimit(AdmissionSettings(lag_s=0.010), clock, lambda: late_s.pop(0))
    with limit.slot():
        assert limit.in_flight == 1
    with pytest.raises(Overloaded, match="the event loop is late"), limit.slot():
        pass

    assert (limit.in_flight, limit.refused) == (0, 1)
