"""The pace of what Spark's tasks write."""

from pillion.features.spark_users import Pace


def test_a_task_waits_until_what_it_has_written_fits_its_rate() -> None:
    seconds = [10.0]
    pace = Pace(100.0, lambda: seconds[0])

    assert pace.wait_s(50) == 0.5
    seconds[0] = 10.5
    assert pace.wait_s(50) == 0.5
    seconds[0] = 12.0
    assert pace.wait_s(50) == 0.0
    assert pace.wait_s(100) == 0.5


def test_a_task_without_a_rate_waits_for_nothing() -> None:
    assert Pace(None, lambda: 0.0).wait_s(1_000_000) == 0.0
