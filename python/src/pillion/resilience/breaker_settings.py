"""The thresholds and times of a breaker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """When a breaker trips, how long it stays open, how it probes.

    A rule that is None is switched off. Rates are shares from 0 to 1, reached at *equal or above*.

    Attributes:
        consecutive_failures: Failed attempts in a row that trip it.
        failure_rate: Share of the window's calls that failed, from which it trips.
        slow_rate: Share of the window's calls that were slow, from which it trips.
        slow_call_s: Seconds; an attempt that took longer is slow, failed or not.
        window_buckets: How many buckets the window has.
        window_bucket_s: Seconds that a bucket spans.
        minimum_calls: Calls in the window below which no rate trips it.
        open_s: Seconds that the first open interval lasts; each one that follows a failed probing
            lasts twice as long.
        open_max_s: Seconds that an open interval lasts at most.
        open_jitter: Share, 0 to 1, of an open interval that chance may cut off. It only shortens.
        probes: Attempts that pass while half open.
        probing_s: Seconds that a probe of the half-open state lasts at most.
    """

    consecutive_failures: int | None = 5
    failure_rate: float | None = 0.5
    slow_rate: float | None = 0.5
    slow_call_s: float = 0.020
    window_buckets: int = 10
    window_bucket_s: float = 1.0
    minimum_calls: int = 20
    open_s: float = 0.250
    open_max_s: float = 5.0
    open_jitter: float = 0.2
    probes: int = 3
    probing_s: float = 1.0

    def __post_init__(self) -> None:
        """Refuse settings that make no breaker.

        Raises:
            ValueError: A field is outside its range; the message names it.
        """
        for name in ("minimum_calls", "window_buckets", "probes", "consecutive_failures"):
            if (count := getattr(self, name)) is not None and count < 1:
                raise ValueError(f"{name} must be at least 1, not {count}")
        for name in ("failure_rate", "slow_rate"):
            if (rate := getattr(self, name)) is not None and not 0 < rate <= 1:
                raise ValueError(f"{name} must be above 0 and at most 1, not {rate}")
        for name in ("slow_call_s", "window_bucket_s", "open_s", "probing_s"):
            if not (seconds := getattr(self, name)) > 0:
                raise ValueError(f"{name} must be above 0, not {seconds}")
        if self.open_max_s < self.open_s:
            raise ValueError(f"open_max_s must be at least open_s, not {self.open_max_s} < {self.open_s}")
        if not 0 <= self.open_jitter < 1:
            raise ValueError(f"open_jitter must be at least 0 and below 1, not {self.open_jitter}")
