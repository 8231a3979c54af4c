import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillion.resilience import Window, WindowCounts


def test_a_new_window_is_empty_and_has_no_rate() -> None:
    counts = Window().counts(0.0)

    assert WindowCounts(0, 0, 0) == counts
    assert (counts.failure_rate, counts.slow_rate) == (0.0, 0.0)


def test_a_slow_failure_counts_in_all_three() -> None:
    window = Window()
    window.record(0.0, failed=False, slow=False)

    counts = window.record(0.0, failed=True, slow=True)

    assert WindowCounts(2, 1, 1) == counts
    assert (counts.failure_rate, counts.slow_rate) == (0.5, 0.5)


@pytest.mark.parametrize(("second", "calls"), [(109.99, 1), (110.0, 0)])
def test_a_call_leaves_with_its_whole_bucket(second: float, calls: int) -> None:
    window = Window(buckets=10, bucket_s=1.0)
    window.record(100.9, failed=True, slow=True)

    assert WindowCounts(calls, calls, calls) == window.counts(second)


def test_a_long_silence_empties_the_window() -> None:
    window = Window(buckets=10)
    for second in range(10):
        window.record(second, failed=True, slow=True)

    assert WindowCounts(0, 0, 0) == window.counts(1e9)


def test_a_reading_from_the_past_is_counted_in_the_newest_bucket() -> None:
    window = Window(buckets=2)
    window.record(5.0, failed=False, slow=False)
    window.record(1.0, failed=True, slow=False)

    assert WindowCounts(2, 1, 0) == window.counts(6.9)
    assert WindowCounts(0, 0, 0) == window.counts(7.0)


def test_clearing_forgets_and_keeps_the_place() -> None:
    window = Window(buckets=3)
    window.record(7.0, failed=True, slow=True)
    window.clear()
    window.record(8.0, failed=False, slow=False)

    assert WindowCounts(1, 0, 0) == window.counts(10.9)
    assert WindowCounts(0, 0, 0) == window.counts(11.0)


@pytest.mark.parametrize(("buckets", "width"), [(0, 1.0), (10, 0.0), (10, -1.0)])
def test_a_window_without_extent_is_refused(buckets: int, width: float) -> None:
    with pytest.raises(ValueError, match="window"):
        Window(buckets, width)


_CALLS = st.lists(st.tuples(st.floats(0, 8), st.booleans(), st.booleans()), max_size=60)


@settings(deadline=None)
@given(buckets=st.integers(1, 12), bucket_s=st.sampled_from([0.25, 0.5, 1.0, 3.0]), calls=_CALLS)
def test_the_ring_holds_what_a_list_of_calls_holds(
    buckets: int, bucket_s: float, calls: list[tuple[float, bool, bool]]
) -> None:
    window = Window(buckets, bucket_s)
    seen: list[tuple[int, bool, bool]] = []
    now = 0.0
    for step, failed, slow in calls:
        now += step
        newest = math.floor(now / bucket_s)
        seen.append((newest, failed, slow))
        inside = [call for call in seen if call[0] > newest - buckets]
        expected = WindowCounts(len(inside), sum(c[1] for c in inside), sum(c[2] for c in inside))

        assert expected == window.record(now, failed=failed, slow=slow)
        assert expected == window.counts(now)
