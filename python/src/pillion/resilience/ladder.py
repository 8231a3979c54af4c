"""The degradation ladder: where an answer comes from when better sources fail."""

import asyncio
import logging
import random as _random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pillion.errors import PillionError
from pillion.resilience.deadline import Deadline
from pillion.resilience.errors import DeadlineExceeded, LadderExhausted
from pillion.time_limit import time_limit

T = TypeVar("T")

DRILL = "drill"
"""The reason of a first rung that was passed on purpose, to exercise the rungs below it."""
UNEXPECTED = "unexpected_error"
"""The reason of a rung that raised something other than a PillionError."""

_logger = logging.getLogger("pillion.resilience.ladder")

# The generic dataclasses here have no slots: with them, `Rung[str](…)` fails on Python 3.11.


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """What a rung returns when it has nothing to say.

    Attributes:
        reason: A stable code, e.g. `no_batch_answer`.
    """

    reason: str


@dataclass(frozen=True)
class Rung(Generic[T]):
    """A source that may wait and may fail.

    Attributes:
        name: What an answer's `source` says.
        call: Gets the deadline; returns an answer or NoAnswer, or raises.
        reserve_s: Seconds to keep for the rungs below this one; None leaves the deadline's own.
    """

    name: str
    call: Callable[[Deadline], Awaitable[T | NoAnswer]]
    reserve_s: float | None = None


@dataclass(frozen=True)
class MemoryRung(Generic[T]):
    """A source in memory, which is asked even when no time is left.

    Attributes:
        name: What an answer's `source` says.
        call: Returns an answer or NoAnswer, or raises, at once.
    """

    name: str
    call: Callable[[], T | NoAnswer]


@dataclass(frozen=True, slots=True)
class Passed:
    """A rung that gave no answer.

    Attributes:
        rung: Its name.
        reason: A stable code: a NoAnswer's reason or an error's code.
    """

    rung: str
    reason: str


@dataclass(frozen=True)
class LadderAnswer(Generic[T]):
    """An answer, with where it came from.

    Attributes:
        value: The answer.
        source: The name of the rung that gave it.
        passed: The rungs above it, in order.
    """

    value: T
    source: str
    passed: tuple[Passed, ...] = ()

    @property
    def reason(self) -> str | None:
        """Why the first rung did not answer; None where it did."""
        return self.passed[0].reason if self.passed else None


class Ladder(Generic[T]):
    """Sources in order of preference, the last ones in memory.

    A rung that raises an `Exception` is passed; cancellation is not caught. A rung that has not
    answered when the deadline's spendable time ends is cancelled and passed.

    Args:
        rungs: Those that may wait, best first.
        memory: Those in memory, best first, after all the others.
        through: Errors that end the request instead, e.g. a request that is bad on every rung.
        drill_share: Share of requests, 0 to 1, that pass the first rung on purpose, so that those
            below are known to work. A host wants 0.01.
        random: A source of numbers in [0, 1) that picks those requests.

    Raises:
        ValueError: `drill_share` is outside its range.
    """

    __slots__ = ("_drill_share", "_memory", "_random", "_rungs", "_through")

    def __init__(
        self,
        rungs: Sequence[Rung[T]],
        memory: Sequence[MemoryRung[T]] = (),
        *,
        through: tuple[type[Exception], ...] = (),
        drill_share: float = 0.0,
        random: Callable[[], float] = _random.random,
    ) -> None:
        if not 0 <= drill_share <= 1:
            raise ValueError(f"drill_share must be 0 to 1, not {drill_share}")
        self._rungs = tuple(rungs)
        self._memory = tuple(memory)
        self._through = through
        self._drill_share = drill_share
        self._random = random

    async def answer(self, deadline: Deadline) -> LadderAnswer[T]:
        """Ask the rungs one after the other until one answers.

        Args:
            deadline: What bounds the rungs that may wait.

        Returns:
            The first answer, its source, and why each rung above did not answer.

        Raises:
            LadderExhausted: No rung answered.
            Exception: One of `through`.
        """
        passed: list[Passed] = []
        ladder: tuple[Rung[T] | MemoryRung[T], ...] = (*self._rungs, *self._memory)
        drill = len(ladder) > 1 and self._random() < self._drill_share
        if drill:
            passed.append(Passed(ladder[0].name, DRILL))
        for rung in self._rungs[1 if drill else 0 :]:
            try:
                value = await _ask(rung, deadline)
            except Exception as error:  # noqa: BLE001 - whatever a rung raises, the next one is asked
                value = self._reason(rung.name, error)
            if not isinstance(value, NoAnswer):
                return LadderAnswer(value, rung.name, tuple(passed))
            passed.append(Passed(rung.name, value.reason))
        return self._remember(passed, self._memory[1 if drill and not self._rungs else 0 :])

    def _remember(self, passed: list[Passed], rungs: Sequence[MemoryRung[T]]) -> LadderAnswer[T]:
        for rung in rungs:
            try:
                value = rung.call()
            except Exception as error:  # noqa: BLE001 - as above
                value = self._reason(rung.name, error)
            if not isinstance(value, NoAnswer):
                return LadderAnswer(value, rung.name, tuple(passed))
            passed.append(Passed(rung.name, value.reason))
        reasons = tuple(step.reason for step in passed)
        raise LadderExhausted(f"no rung answered: {', '.join(reasons) or 'there is none'}", reasons)

    def _reason(self, rung: str, error: Exception) -> NoAnswer:
        if isinstance(error, self._through):
            raise error
        if isinstance(error, PillionError):
            return NoAnswer(error.code)
        _logger.error("rung %s failed", rung, exc_info=error)
        return NoAnswer(UNEXPECTED)


async def _ask(rung: Rung[T], deadline: Deadline) -> T | NoAnswer:
    """Ask a rung that may wait, for as long as the deadline has time to spend."""
    if rung.reserve_s is not None:
        deadline = deadline.with_reserve(rung.reserve_s)
    spendable_s = deadline.spendable()
    if spendable_s <= 0:
        return NoAnswer(DeadlineExceeded.code)
    scope: asyncio.Timeout | None = None
    try:
        async with time_limit(spendable_s) as scope:
            return await rung.call(deadline)
    except Exception:
        if scope is not None and scope.expired():
            return NoAnswer(DeadlineExceeded.code)
        raise
