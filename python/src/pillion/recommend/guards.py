"""The guards of the two dependencies, and what a guard's refusal is called in an answer."""

import logging
from collections.abc import Iterable

from pillion.config import SidecarSettings, StoreSettings
from pillion.errors import CorruptRecord, InvalidInput, PillionError, SidecarRefused
from pillion.resilience import (
    UNEXPECTED,
    AttemptTimeout,
    Breaker,
    BreakerOpen,
    BreakerSettings,
    BulkheadFull,
    Clock,
    DeadlineExceeded,
    Guard,
    GuardSettings,
    Listener,
    Outcome,
    RetryBudget,
    RetrySettings,
    StateChange,
)

_log = logging.getLogger("pillion.recommend.breaker")
BULKHEAD_FULL = "busy"
"""How the reason ends where too many calls of a dependency were under way."""
_SUFFIXES: dict[type[Exception], str] = {
    AttemptTimeout: "timeout",
    BreakerOpen: "breaker_open",
    BulkheadFull: BULKHEAD_FULL,
}


def guard_dependency(
    name: str,
    settings: StoreSettings | SidecarSettings,
    budget: RetryBudget,
    clock: Clock,
    listeners: Iterable[Listener] = (),
) -> Guard:
    """Returns the guard of a dependency.

    Args:
        name: `store` or `sidecar`; answers name it.
        settings: Times and limits.
        budget: Of retries, shared by both guards.
        clock: Seconds.
        listeners: Told of each change of the breaker's state, before the log is.
    """
    numbers = GuardSettings(
        timeout_s=settings.attempt_timeout_ms / 1000,
        max_in_flight=settings.max_connections,
        breaker=BreakerSettings(slow_call_s=settings.slow_ms / 1000),
        retry=RetrySettings(p99_s=settings.slow_ms / 1000),
    )
    guard = Guard(name, numbers, classify=classify, budget=budget, clock=clock, listeners=listeners)
    guard.breaker.subscribe(lambda change: _log_change(change, guard.breaker))
    return guard


def _log_change(change: StateChange, breaker: Breaker) -> None:
    counts = breaker.snapshot()
    _log.warning(
        "the breaker of the %s is %s now, was %s: %s",
        change.breaker,
        change.after.value,
        change.before.value,
        change.cause.value,
        extra={
            "breaker": change.breaker,
            "state": change.after.value,
            "cause": change.cause.value,
            "open_s": change.open_s,
            "succeeded": counts.succeeded,
            "failed": counts.failed,
            "neutral": counts.neutral,
        },
    )


def classify(error: Exception) -> Outcome:
    """Returns what an error says about the dependency that it came from."""
    if isinstance(error, CorruptRecord | InvalidInput | SidecarRefused):
        return Outcome.NEUTRAL
    if isinstance(error, PillionError) and error.retryable:
        return Outcome.FAILURE_RETRYABLE
    return Outcome.FAILURE


def reason_of(dependency: str, error: Exception) -> str:
    """Returns the stable code that an answer gives as its reason; logs an error that no dependency should raise."""
    if not isinstance(error, PillionError):
        _log.error("calling the %s failed", dependency, exc_info=error)
        return UNEXPECTED
    if isinstance(error, DeadlineExceeded):
        return error.code
    suffix = _SUFFIXES.get(type(error))
    return error.code if suffix is None else f"{dependency}_{suffix}"
