import logging
import threading

import pytest

from pillion.resilience import Breaker, BreakerState, FakeClock, StateChange


def trip(breaker: Breaker) -> None:
    for _ in range(5):
        breaker.acquire().fail()


def test_changes_carry_growing_generations_and_join_up(clock: FakeClock) -> None:
    seen: list[StateChange] = []
    breaker = Breaker("store", clock=clock)
    breaker.subscribe(seen.append)
    for _ in range(20):
        trip(breaker)
        clock.advance(5.0)
        for _ in range(3):
            breaker.acquire().succeed()

    assert len(seen) == 60
    assert list(range(1, 61)) == [change.generation for change in seen]
    assert [c.after for c in seen[:-1]] == [c.before for c in seen[1:]]
    assert {"store"} == {change.breaker for change in seen}


def test_a_listener_may_call_the_breaker_and_all_hear_the_changes_in_order(clock: FakeClock) -> None:
    heard: list[tuple[str, BreakerState]] = []
    breaker = Breaker("store", clock=clock)

    def meddler(change: StateChange) -> None:
        heard.append(("meddler", change.after))
        if change.after is BreakerState.OPEN:
            assert BreakerState.OPEN is breaker.state
            breaker.reset()

    breaker.subscribe(meddler)
    breaker.subscribe(lambda change: heard.append(("second", change.after)))
    trip(breaker)

    assert heard == [
        ("meddler", BreakerState.OPEN),
        ("second", BreakerState.OPEN),
        ("meddler", BreakerState.CLOSED),
        ("second", BreakerState.CLOSED),
    ]


def test_a_failing_listener_is_logged_and_harms_nobody(clock: FakeClock, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[StateChange] = []

    def broken(change: StateChange) -> None:
        raise RuntimeError("no")

    breaker = Breaker("store", clock=clock, listeners=[broken, seen.append])
    with caplog.at_level(logging.ERROR, "pillion.resilience.breaker"):
        trip(breaker)
        breaker.reset()

    assert len(seen) == 2
    assert [r.getMessage() for r in caplog.records] == ["a listener of breaker store failed"] * 2


def test_a_listener_that_is_interrupted_does_not_silence_the_next_change(clock: FakeClock) -> None:
    seen: list[StateChange] = []

    def interrupted(change: StateChange) -> None:
        seen.append(change)
        if len(seen) == 1:
            raise KeyboardInterrupt

    breaker = Breaker("store", clock=clock, listeners=[interrupted])
    with pytest.raises(KeyboardInterrupt):
        breaker.force_open()
    breaker.reset()

    assert len(seen) == 2


def test_the_breaker_works_on_while_a_listener_is_busy(clock: FakeClock) -> None:
    entered, leave = threading.Event(), threading.Event()
    seen: list[StateChange] = []

    def busy(change: StateChange) -> None:
        seen.append(change)
        entered.set()
        assert leave.wait(30)

    breaker = Breaker("store", clock=clock, listeners=[busy])
    thread = threading.Thread(target=breaker.force_open)
    thread.start()
    assert entered.wait(30)

    breaker.reset()  # from another thread: returns at once, and its change is not lost
    breaker.acquire().succeed()
    assert len(seen) == 1
    leave.set()
    thread.join(30)

    assert [change.after for change in seen] == [BreakerState.FORCED_OPEN, BreakerState.CLOSED]
