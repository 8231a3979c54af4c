import pytest

from pillion.resilience import Deadline, FakeClock, SystemClock
from tests.support.virtual_time import run


def test_the_fake_clock_stands_still_until_told(clock: FakeClock) -> None:
    readings = [clock.monotonic(), clock.monotonic()]
    clock.advance(0.5)

    assert [*readings, clock.monotonic()] == [1024.0, 1024.0, 1024.5]


def test_sleeping_on_the_fake_clock_advances_it(clock: FakeClock) -> None:
    run(clock, clock.sleep(2.0))

    assert clock.monotonic() == 1026.0


def test_the_fake_clock_does_not_go_back(clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="can't go back"):
        clock.advance(-0.1)


def test_the_system_clock_never_goes_back() -> None:
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(1000)]

    assert sorted(readings) == readings


def test_remaining_time_shrinks_to_zero_and_no_further(clock: FakeClock) -> None:
    deadline = Deadline.after(0.5, clock)
    assert deadline.remaining() == 0.5

    clock.advance(0.25)
    assert deadline.remaining() == 0.25

    clock.advance(0.25)
    assert deadline.remaining() == 0.0

    clock.advance(9.0)
    assert deadline.remaining() == 0.0


def test_the_reserve_is_kept_from_work_but_is_time_left(clock: FakeClock) -> None:
    deadline = Deadline.after(0.5, clock, reserve=0.125)

    assert deadline.remaining() == 0.5
    assert deadline.spendable() == 0.375
    assert deadline.allows(0.375)
    assert not deadline.allows(0.376)

    clock.advance(0.375)
    assert deadline.spendable() == 0.0
    assert not deadline.allows(0.0)
    assert deadline.remaining() == 0.125


def test_a_deadline_may_be_born_expired(clock: FakeClock) -> None:
    assert Deadline.after(0.0, clock).remaining() == 0.0
    assert Deadline.after(-1.0, clock).remaining() == 0.0


def test_a_negative_reserve_is_refused(clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="reserve"):
        Deadline.after(1.0, clock, reserve=-0.1)
