"""One guarded call of a dependency: breaker, bulkhead, time limit, call."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pillion.resilience.breaker import Breaker
from pillion.resilience.bulkhead import Bulkhead
from pillion.resilience.deadline import Deadline
from pillion.resilience.errors import AttemptTimeout, DeadlineExceeded, ResilienceError
from pillion.resilience.outcome import Classifier, Outcome
from pillion.time_limit import time_limit

T = TypeVar("T")


class GuardedCall:
    """The way to make single attempts; each one that is admitted is one sample for the breaker.

    How an attempt ends, and what its breaker and its caller learn:

    | it ends with | breaker | caller |
    |---|---|---|
    | a value | success | the value |
    | a timeout, after the full `timeout_s` | failure | AttemptTimeout |
    | a timeout, after the less that the deadline had left | neutral | DeadlineExceeded |
    | an error that the classifier calls a failure | failure | that error |
    | an error that the classifier calls neutral | neutral | that error |
    | cancellation, or another error that is no `Exception` | neutral | that error |
    | a refusal of the bulkhead, or of a guard further down | neutral | that error |

    Args:
        name: The dependency, for messages.
        timeout_s: Seconds that an attempt may take. Keep it below what a usual deadline has to
            spend: a dependency that only ever gets less than its full time never fails.
        breaker: Admits attempts and learns their outcome.
        bulkhead: Bounds those under way.
        classify: Says what an error means.

    Raises:
        ValueError: `timeout_s` is not positive.
    """

    __slots__ = ("_breaker", "_bulkhead", "_classify", "_name", "_timeout_s")

    def __init__(self, name: str, timeout_s: float, breaker: Breaker, bulkhead: Bulkhead, classify: Classifier) -> None:
        if timeout_s <= 0:
            raise ValueError(f"timeout_s must be above 0, not {timeout_s}")
        self._name = name
        self._timeout_s = timeout_s
        self._breaker = breaker
        self._bulkhead = bulkhead
        self._classify = classify

    async def call(self, fn: Callable[[float], Awaitable[T]], deadline: Deadline) -> T:
        """Await `fn(timeout_s)` once, and cancel it when its time is up.

        Args:
            fn: Makes the call; gets the seconds that it has, to pass them on.
            deadline: What bounds the request.

        Returns:
            What `fn` returned.

        Raises:
            ResilienceError: The attempt was refused or ran out of time.
            Exception: What `fn` raised.
        """
        spendable_s = deadline.spendable()
        if spendable_s <= 0:
            raise DeadlineExceeded(f"{self._name}: no time is left for a call")
        limit_s = min(self._timeout_s, spendable_s)
        permit = self._breaker.acquire()
        scope: asyncio.Timeout | None = None
        try:
            with self._bulkhead.slot():
                async with time_limit(limit_s) as scope:
                    value = await fn(limit_s)
        except BaseException as error:
            # A client may wrap its cancellation in an error of its own: the scope knows that the time was up.
            late = scope is not None and scope.expired() and isinstance(error, Exception)
            outcome = Outcome.TIMEOUT if late else self._outcome(error)
            if outcome is Outcome.TIMEOUT and limit_s < self._timeout_s:
                raise DeadlineExceeded(
                    f"{self._name}: no answer in the {limit_s * 1000:.1f} ms that were left"
                ) from error
            if outcome is not Outcome.NEUTRAL:
                permit.fail()
            if outcome is Outcome.TIMEOUT:
                raise AttemptTimeout(f"{self._name}: no answer in {limit_s * 1000:.1f} ms") from error
            raise
        else:
            permit.succeed()
            return value
        finally:
            permit.release()

    def retryable(self, error: BaseException) -> bool:
        """Return whether `error`, raised by an attempt, says that nothing was processed."""
        return self._outcome(error) is Outcome.FAILURE_RETRYABLE

    def _outcome(self, error: BaseException) -> Outcome:
        if not isinstance(error, Exception) or isinstance(error, ResilienceError):
            return Outcome.NEUTRAL
        if isinstance(error, TimeoutError):
            return Outcome.TIMEOUT
        return self._classify(error)
