"""The second attempt: when it is made, and how long it waits."""

import asyncio
import random as _random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

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
    """A policy that allows one attempt more.

    An error leads to another attempt if all of these hold, tried in this order: the caller says that
    it is retryable; attempts are left; the wait and the dependency's p99 fit into the deadline's
    spendable time; the budget has a token. Otherwise the error is re-raised as it is. The loop is
    tenacity's, and begins with the first error that may be retried: most calls need none.

    Args:
        settings: Numbers of the policy.
        budget: The allowance; give the same one to every guard that shares it.
        random: A source of numbers in [0, 1) for the wait.
        sleep: Waits some seconds.
    """

    __slots__ = ("_budget", "_random", "_settings", "_sleep")

    def __init__(
        self,
        settings: RetrySettings | None = None,
        budget: RetryBudget | None = None,
        *,
        random: Callable[[], float] = _random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings or RetrySettings()
        self._budget = budget or RetryBudget()
        self._random = random
        self._sleep = sleep

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
            errors = [error]

        async def attempt_again() -> T:  # the first round is the attempt that failed already
            if errors:
                raise errors.pop()
            return await attempt()

        settings = self._settings

        def wait(state: RetryCallState) -> float:
            return settings.min_wait_s + self._random() * (settings.max_wait_s - settings.min_wait_s)

        def stop(state: RetryCallState) -> bool:
            return (
                state.attempt_number >= settings.attempts
                or not deadline.allows(state.upcoming_sleep + settings.p99_s)
                or not self._budget.withdraw()
            )

        retrying = AsyncRetrying(
            sleep=self._sleep, retry=retry_if_exception(retryable), wait=wait, stop=stop, reraise=True
        )
        return await retrying(attempt_again)
