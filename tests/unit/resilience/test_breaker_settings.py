import pytest

from pillion.resilience import BreakerSettings


@pytest.mark.parametrize(
    "change",
    [
        {"consecutive_failures": 0},
        {"minimum_calls": 0},
        {"probes": 0},
        {"window_buckets": 0},
        {"failure_rate": 0.0},
        {"slow_rate": 1.1},
        {"slow_call_s": 0.0},
        {"open_s": -1.0},
        {"probing_s": 0.0},
        {"window_bucket_s": 0.0},
        {"open_max_s": 0.1},
        {"open_jitter": 1.0},
    ],
)
def test_settings_out_of_range_are_refused_by_name(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        BreakerSettings(**change)  # type: ignore[arg-type]
