"""The second attempt: when it is made, and how long it waits."""

import asyncio
import random as _random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from tenacity import AsyncRetrying, RetryCallState, Retrying

from pillion.resilience.budget import RetryBudget
from pillion.resilience.deadline import Deadline

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """How often and how soon a call is tried again.

    Attributes:
        attempts: Attempts at most, the first one included; 1 switches retrying off.
        min_wait_s: Seconds between attempts, at least.
        max_wait_s: Seconds between attempts, at most; chance picks from the whole range.
        p99_s: Seconds within which the dependency answers 99 of 100 calls: what must still fit.
    """

    attempts: int = 2
    min_wait_s: float = 0.001
    max_wait_s: float = 0.005
    p99_s: float = 0.010

    def __post_init__(self) -> None:
        """Refuse settings that make no policy.

        Raises:
            ValueError: A field is outside its range.
        """
        if self.attempts < 1:
            raise ValueError(f"attempts must be at least 1, not {self.attempts}")
        if not 0 <= self.min_wait_s <= self.max_wait_s:
            raise ValueError(f"waits must be 0 ≤ min ≤ max, not {self.min_wait_s} and {self.max_wait_s}")
        if self.p99_s < 0:
            raise ValueError(f"p99_s must be at least 0, not {self.p99_s}")


class Retry:
    """A policy that allows an attempt more, for threads and for asyncio alike.

    An error leads to another attempt if all of these hold, tried in this order: the caller says that
    it is retryable; attempts are left; the wait and the dependency's p99 fit into the deadline's
    spendable time; the budget has a token. Otherwise the error is re-raised as it is. The loop is
    tenacity's, and begins with the first error that may be retried: most calls need none.

    Args:
        settings: Numbers of the policy.
        budget: The allowance; give the same one to every guard that shares it.
        random: A source of numbers in [0, 1) for the wait.
        sleep: Waits some seconds on the calling thread.
        sleep_async: Waits some seconds in asyncio.
    """

    __slots__ = ("_budget", "_random", "_settings", "_sleep", "_sleep_async")

    def __init__(
        self,
        settings: RetrySettings | None = None,
        budget: RetryBudget | None = None,
        *,
        random: Callable[[], float] = _random.random,
        sleep: Callable[[float], None] = time.sleep,
        sleep_async: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings or RetrySettings()
        self._budget = budget or RetryBudget()
        self._random = random
        self._sleep = sleep
        self._sleep_async = sleep_async

    async def call(
        self,
        attempt: Callable[[], Awaitable[T]],
        deadline: Deadline,
        retryable: Callable[[BaseException], bool],
    ) -> T:
        """Make an attempt, and another where the policy allows one.

        Args:
            attempt: Makes one attempt.
            deadline: What bounds the attempts together.
            retryable: Whether an error may be tried again.

        Returns:
            The first answer.

        Raises:
            BaseException: What the last attempt raised.
        """
        self._budget.deposit()
        try:
            return await attempt()
        except BaseException as error:
            if not retryable(error):
                raise
            following = _beginning_with(error, attempt)

        async def awaited() -> T:  # tenacity awaits what coroutine functions return, and nothing else
            return await following()

        retrying = AsyncRetrying(sleep=self._sleep_async, **self._policy(deadline, retryable))
        return await retrying(awaited)

    def call_sync(
        self,
        attempt: Callable[[], T],
        deadline: Deadline,
        retryable: Callable[[BaseException], bool],
    ) -> T:
        """Do as `call` does, on the calling thread."""
        self._budget.deposit()
        try:
            return attempt()
        except BaseException as error:
            if not retryable(error):
                raise
            following = _beginning_with(error, attempt)
        return Retrying(sleep=self._sleep, **self._policy(deadline, retryable))(following)

    def _policy(self, deadline: Deadline, retryable: Callable[[BaseException], bool]) -> dict[str, Any]:
        """The part that both loops share. Tenacity asks `retry`, then `wait`, then `stop`."""
        settings = self._settings

        def retry(state: RetryCallState) -> bool:
            error = state.outcome.exception() if state.outcome else None
            return error is not None and retryable(error)

        def wait(state: RetryCallState) -> float:
            return settings.min_wait_s + self._random() * (settings.max_wait_s - settings.min_wait_s)

        def stop(state: RetryCallState) -> bool:
            return (
                state.attempt_number >= settings.attempts
                or not deadline.allows(state.upcoming_sleep + settings.p99_s)
                or not self._budget.withdraw()
            )

        return {"retry": retry, "wait": wait, "stop": stop, "reraise": True}


def _beginning_with(error: BaseException, attempt: Callable[[], T]) -> Callable[[], T]:
    """Returns attempts the first of which was made already, and ended with an error."""
    errors = [error]

    def following() -> T:
        if errors:
            raise errors.pop()
        return attempt()

    return following
