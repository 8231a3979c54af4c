"""One attempt to call a dependency: breaker, bulkhead, time limit, call."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from pillion.resilience.breaker import Breaker
from pillion.resilience.bulkhead import Bulkhead
from pillion.resilience.deadline import Deadline
from pillion.resilience.errors import AttemptTimeout, DeadlineExceeded, ResilienceError
from pillion.resilience.outcome import Classifier, Outcome
from pillion.time_limit import time_limit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Limit:
    """The time of one attempt: seconds, and whether they are all that it is configured to have."""

    seconds: float
    full: bool


class Attempt:
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
        with self._sample(deadline) as limit_s:
            scope: asyncio.Timeout | None = None
            try:
                async with time_limit(limit_s) as scope:
                    return await fn(limit_s)
            except Exception as error:
                if scope is not None and scope.expired() and not isinstance(error, TimeoutError):
                    # A client that wraps its cancellation in an error of its own.
                    raise TimeoutError from error
                raise

    def call_sync(self, fn: Callable[[float], T], deadline: Deadline) -> T:
        """Call `fn(timeout_s)` once, on this thread; `fn` must keep to its time by itself."""
        with self._sample(deadline) as limit_s:
            return fn(limit_s)

    def retryable(self, error: BaseException) -> bool:
        """Return whether `error`, raised by an attempt, says that nothing was processed."""
        return self._outcome(error) is Outcome.FAILURE_RETRYABLE

    @contextmanager
    def _sample(self, deadline: Deadline) -> Iterator[float]:
        """Admit the body, give it its seconds, and settle the permit by the way it ends."""
        limit = self._limit(deadline)
        permit = self._breaker.acquire()
        try:
            with self._bulkhead.slot():
                yield limit.seconds
        except BaseException as error:
            outcome = self._outcome(error)
            if outcome is Outcome.TIMEOUT and not limit.full:
                raise DeadlineExceeded(
                    f"{self._name}: no answer in the {limit.seconds * 1000:.1f} ms that were left"
                ) from error
            if outcome is not Outcome.NEUTRAL:
                permit.fail()
            if outcome is Outcome.TIMEOUT:
                raise AttemptTimeout(f"{self._name}: no answer in {limit.seconds * 1000:.1f} ms") from error
            raise
        else:
            permit.succeed()
        finally:
            permit.release()

    def _limit(self, deadline: Deadline) -> _Limit:
        spendable_s = deadline.spendable()
        if spendable_s <= 0:
            raise DeadlineExceeded(f"{self._name}: no time is left for a call")
        return _Limit(min(self._timeout_s, spendable_s), full=spendable_s >= self._timeout_s)

    def _outcome(self, error: BaseException) -> Outcome:
        if not isinstance(error, Exception) or isinstance(error, ResilienceError):
            return Outcome.NEUTRAL
        if isinstance(error, TimeoutError):
            return Outcome.TIMEOUT
        return self._classify(error)
