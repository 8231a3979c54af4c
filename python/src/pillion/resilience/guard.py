"""The protection of one dependency: retry → breaker → bulkhead → attempt timeout → call."""

import asyncio
import random as _random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from pillion.resilience.breaker import Breaker
from pillion.resilience.breaker_settings import BreakerSettings
from pillion.resilience.budget import RetryBudget
from pillion.resilience.bulkhead import Bulkhead
from pillion.resilience.clock import Clock
from pillion.resilience.deadline import Deadline
from pillion.resilience.guarded_call import GuardedCall
from pillion.resilience.listeners import Listener
from pillion.resilience.outcome import Classifier, classify_connection_errors
from pillion.resilience.retry import Retry, RetrySettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """The numbers of one dependency's protection.

    Attributes:
        timeout_s: Seconds that one attempt may take.
        max_in_flight: Attempts under way at once, at most.
        breaker: When to stop calling.
        retry: When to try again.
    """

    timeout_s: float = 0.025
    max_in_flight: int = 64
    breaker: BreakerSettings = field(default_factory=BreakerSettings)
    retry: RetrySettings = field(default_factory=RetrySettings)


class Guard:
    """What every call to one dependency goes through.

    Retry stands outside the breaker, so each attempt is a sample, and a breaker that opens ends the
    retries. One guard per dependency and process.

    Args:
        name: The dependency, for messages and metrics.
        settings: Numbers.
        classify: Says what the dependency's errors mean.
        budget: The allowance of retries, shared with other guards.
        clock: The clock that the breaker reads.
        random: A source of numbers in [0, 1) for both jitters.
        sleep: Waits some seconds between attempts.
        listeners: Told of each change of the breaker's state.

    Attributes:
        name: As given.
        breaker: For its snapshot and for operators.
        bulkhead: For its counts.
    """

    def __init__(
        self,
        name: str,
        settings: GuardSettings | None = None,
        *,
        classify: Classifier = classify_connection_errors,
        budget: RetryBudget | None = None,
        clock: Clock | None = None,
        random: Callable[[], float] = _random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        listeners: Iterable[Listener] = (),
    ) -> None:
        settings = settings or GuardSettings()
        self.name = name
        self.breaker = Breaker(name, settings.breaker, clock=clock, random=random, listeners=listeners)
        self.bulkhead = Bulkhead(name, settings.max_in_flight)
        self._guarded = GuardedCall(name, settings.timeout_s, self.breaker, self.bulkhead, classify)
        self._retry = Retry(settings.retry, budget, random=random, sleep=sleep)

    async def call(self, fn: Callable[[float], Awaitable[T]], deadline: Deadline) -> T:
        """Await `fn(timeout_s)`, under every protection.

        Args:
            fn: Makes one attempt; gets the seconds that it has. It may be called twice. A missing key
                is best returned as a value, since a neutral error tells a half-open breaker nothing.
            deadline: What bounds the request; its reserve is left alone.

        Returns:
            What `fn` returned.

        Raises:
            BreakerOpen: The breaker refuses calls.
            BulkheadFull: Too many calls are under way.
            DeadlineExceeded: The deadline, less its reserve, passed before or during an attempt.
            AttemptTimeout: The dependency did not answer in an attempt's full time.
            Exception: What `fn` raised in its last attempt.
        """
        return await self._retry.call(lambda: self._guarded.call(fn, deadline), deadline, self._guarded.retryable)
