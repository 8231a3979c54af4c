"""The moment by which a request must be answered."""

from dataclasses import dataclass

from pillion.resilience.clock import Clock, SystemClock

_SYSTEM_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A fixed moment on a monotonic clock, with a reserve kept for the fallback.

    `pillion.recommend.Recommender.recommend` arms one per request. It travels between processes as *remaining
    milliseconds*, so that clocks need not agree.

    Attributes:
        at_s: The moment, in seconds of `clock`.
        reserve_s: Seconds before it that belong to the fallback; guarded calls must not use them.
        clock: The clock that is read.
    """

    at_s: float
    reserve_s: float = 0.0
    clock: Clock = _SYSTEM_CLOCK

    @classmethod
    def after(cls, seconds: float, clock: Clock = _SYSTEM_CLOCK, reserve: float = 0.0) -> "Deadline":
        """Return the deadline that lies `seconds` from now.

        Args:
            seconds: Time from now; 0 or less is a deadline that has passed.
            clock: The clock to read, now and later.
            reserve: Seconds to keep for the fallback, at least 0.

        Raises:
            ValueError: `reserve` is negative.
        """
        if reserve < 0:
            raise ValueError(f"a reserve is at least 0, not {reserve} s")
        return cls(clock.monotonic() + seconds, reserve, clock)

    def remaining(self) -> float:
        """Return the seconds left, reserve included; never below 0."""
        return max(0.0, self.at_s - self.clock.monotonic())

    def spendable(self) -> float:
        """Return the seconds left before the reserve begins; never below 0."""
        return max(0.0, self.at_s - self.reserve_s - self.clock.monotonic())

    def allows(self, seconds: float) -> bool:
        """Return whether work of `seconds` fits before the reserve begins."""
        spendable = self.spendable()
        return spendable > 0.0 and spendable >= seconds
