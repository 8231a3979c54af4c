"""The degradation ladder: where an answer comes from when better sources fail."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pillion.errors import PillionError
from pillion.resilience.deadline import Deadline
from pillion.resilience.errors import DeadlineExceeded, LadderExhausted
from pillion.time_limit import time_limit

T = TypeVar("T")

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
    """

    name: str
    call: Callable[[Deadline], Awaitable[T | NoAnswer]]


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
    """

    __slots__ = ("_memory", "_rungs")

    def __init__(self, rungs: Sequence[Rung[T]], memory: Sequence[MemoryRung[T]] = ()) -> None:
        self._rungs = tuple(rungs)
        self._memory = tuple(memory)

    async def answer(self, deadline: Deadline) -> LadderAnswer[T]:
        """Ask the rungs one after the other until one answers.

        Args:
            deadline: What bounds the rungs that may wait.

        Returns:
            The first answer, its source, and why each rung above did not answer.

        Raises:
            LadderExhausted: No rung answered.
        """
        passed: list[Passed] = []
        for rung in self._rungs:
            try:
                value = await _ask(rung, deadline)
            except Exception as error:  # noqa: BLE001 - whatever a rung raises, the next one is asked
                value = _reason(rung.name, error)
            if not isinstance(value, NoAnswer):
                return LadderAnswer(value, rung.name, tuple(passed))
            passed.append(Passed(rung.name, value.reason))
        return self._remember(passed, self._memory)

    def _remember(self, passed: list[Passed], rungs: Sequence[MemoryRung[T]]) -> LadderAnswer[T]:
        for rung in rungs:
            try:
                value = rung.call()
            except Exception as error:  # noqa: BLE001 - as above
                value = _reason(rung.name, error)
            if not isinstance(value, NoAnswer):
                return LadderAnswer(value, rung.name, tuple(passed))
            passed.append(Passed(rung.name, value.reason))
        reasons = tuple(step.reason for step in passed)
        raise LadderExhausted(f"no rung answered: {', '.join(reasons) or 'there is none'}", reasons)


def _reason(rung: str, error: Exception) -> NoAnswer:
    if isinstance(error, PillionError):
        return NoAnswer(error.code)
    _logger.error("rung %s failed", rung, exc_info=error)
    return NoAnswer(UNEXPECTED)


async def _ask(rung: Rung[T], deadline: Deadline) -> T | NoAnswer:
    """Ask a rung that may wait, for as long as the deadline has time to spend."""
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
