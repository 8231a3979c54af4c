"""The leave that a breaker gives to one attempt."""

from collections.abc import Callable
from enum import Enum


class Verdict(Enum):
    """How an attempt ended, as its breaker sees it."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"


class Permit:
    """One attempt's leave to call, to be settled once.

    The first of `succeed`, `fail` and `release` counts; later ones do nothing, from any thread.
    A permit that is never settled costs nothing but, in a half-open breaker, a probe, which the
    breaker writes off when its probing time is up.

    Attributes:
        generation: The state of the breaker that gave it; an outcome for an older one is ignored.
        started_s: When it was given, in seconds of the breaker's clock.
        settled: Whether an outcome was reported; the breaker's to set.
    """

    __slots__ = ("_settle", "generation", "settled", "started_s")

    def __init__(self, generation: int, started_s: float, settle: Callable[["Permit", Verdict], None]) -> None:
        self.generation = generation
        self.started_s = started_s
        self.settled = False
        self._settle = settle

    def succeed(self) -> None:
        """Report an answer; the time since the permit was given decides whether it was slow."""
        self._settle(self, Verdict.SUCCESS)

    def fail(self) -> None:
        """Report a failure of the dependency."""
        self._settle(self, Verdict.FAILURE)

    def release(self) -> None:
        """Give the permit back without a verdict: cancelled, refused further down, not its fault."""
        self._settle(self, Verdict.NEUTRAL)
