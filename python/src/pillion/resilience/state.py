"""The states of a breaker, what moves it between them, and what it shows of itself."""

from dataclasses import dataclass
from enum import Enum

from pillion.resilience.window import WindowCounts


class BreakerState(Enum):
    """Where a breaker stands; the values are stable names for metrics."""

    CLOSED = "closed"
    """Calls pass and are counted."""
    OPEN = "open"
    """Calls are refused until the open interval has passed."""
    HALF_OPEN = "half_open"
    """A few probes pass, the rest are refused."""
    FORCED_OPEN = "forced_open"
    """An operator has calls refused."""
    METRICS_ONLY = "metrics_only"
    """An operator has calls pass and be counted, and nothing trips."""


class Cause(Enum):
    """Why a breaker changed its state; the values are stable names for logs and metrics."""

    CONSECUTIVE_FAILURES = "consecutive_failures"
    FAILURE_RATE = "failure_rate"
    SLOW_RATE = "slow_rate"
    INTERVAL_PASSED = "interval_passed"
    PROBES_SUCCEEDED = "probes_succeeded"
    PROBE_FAILED = "probe_failed"
    PROBES_SLOW = "probes_slow"
    PROBING_TIME_UP = "probing_time_up"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class StateChange:
    """One change of state, as listeners get it.

    Attributes:
        breaker: The breaker's name.
        before: The state that was left.
        after: The state that was entered.
        cause: Why.
        at_s: When, in seconds of the breaker's clock. The end of a probing time that nobody watched
            is dated when it was, not when it was noticed.
        generation: The number of the new state; grows with every change.
        open_s: How long calls will be refused, in seconds, where `after` is OPEN; else None.
    """

    breaker: str
    before: BreakerState
    after: BreakerState
    cause: Cause
    at_s: float
    generation: int
    open_s: float | None = None


@dataclass(frozen=True, slots=True)
class BreakerSnapshot:
    """What a breaker knows at one moment, for metrics.

    Attributes:
        name: The breaker's name.
        state: Its state.
        generation: The number of that state.
        window: Calls counted since the state was entered, or before the trip while OPEN, and not
            older than the window. While HALF_OPEN they are the probes.
        consecutive_failures: Failed attempts in a row, up to now.
        permits_left: Probes that may still start; 0 where the state is not HALF_OPEN.
        retry_after_s: Seconds after which trying again makes sense: 0 where calls pass, what is left
            of the open interval or of the probing time where not, None where only an operator can
            end the refusal.
        succeeded: Attempts that succeeded, since the start; those of an older state are not in it.
        failed: Attempts that failed, likewise.
        neutral: Attempts that were given back without a verdict, likewise.
        ignored: Attempts whose outcome came after the state they belonged to had ended.
        refused: Calls refused.
    """

    name: str
    state: BreakerState
    generation: int
    window: WindowCounts
    consecutive_failures: int
    permits_left: int
    retry_after_s: float | None
    succeeded: int
    failed: int
    neutral: int
    ignored: int
    refused: int
