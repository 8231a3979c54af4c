"""The degradation ladder: where an answer comes from when better sources fail."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pillion.errors import PillionError
from pillion.resilience.errors import LadderExhausted

R = TypeVar("R")
T = TypeVar("T")

UNEXPECTED = "unexpected_error"
"""The reason of a rung that raised something other than a PillionError."""

_logger = logging.getLogger("pillion.resilience.ladder")

# The generic dataclasses here have no slots: with them, `Rung[str, str](…)` fails on Python 3.11.


@dataclass(frozen=True)
class NoAnswer(Generic[R]):
    """What a rung returns when it has nothing to say.

    Attributes:
        reason: A stable code, e.g. `no_batch_answer`.
        request: What the rungs below are asked: the request with what this rung learned. None leaves it as it is.
    """

    reason: str
    request: R | None = None


@dataclass(frozen=True)
class Rung(Generic[R, T]):
    """A source that may wait and may fail.

    Attributes:
        name: What an answer's `source` says.
        call: Gets the request; returns an answer or NoAnswer, or raises. The ladder knows no time: what may take
            too long is called through a `Guard`, which ends it.
    """

    name: str
    call: Callable[[R], Awaitable[T | NoAnswer[R]]]


@dataclass(frozen=True)
class MemoryRung(Generic[R, T]):
    """A source in memory.

    Attributes:
        name: What an answer's `source` says.
        call: Gets the request; returns an answer or NoAnswer, or raises, at once.
    """

    name: str
    call: Callable[[R], T | NoAnswer[R]]


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


class Ladder(Generic[R, T]):
    """Sources in order of preference, the last ones in memory. One ladder serves every request.

    A rung that raises an `Exception` is passed; cancellation is not caught.

    Args:
        rungs: Those that may wait, best first.
        memory: Those in memory, best first, after all the others.
    """

    __slots__ = ("_rungs",)

    def __init__(self, rungs: Sequence[Rung[R, T]], memory: Sequence[MemoryRung[R, T]] = ()) -> None:
        self._rungs: tuple[Rung[R, T] | MemoryRung[R, T], ...] = (*rungs, *memory)

    async def answer(self, request: R) -> LadderAnswer[T]:
        """Ask the rungs one after the other until one answers.

        Args:
            request: What the first rung is asked, and each one below it that was told nothing else.

        Returns:
            The first answer, its source, and why each rung above did not answer.

        Raises:
            LadderExhausted: No rung answered.
        """
        passed: list[Passed] = []
        for rung in self._rungs:
            try:
                value = await rung.call(request) if isinstance(rung, Rung) else rung.call(request)
            except Exception as error:  # noqa: BLE001 - whatever a rung raises, the next one is asked
                value = _no_answer(rung.name, error)
            if not isinstance(value, NoAnswer):
                return LadderAnswer(value, rung.name, tuple(passed))
            passed.append(Passed(rung.name, value.reason))
            if value.request is not None:
                request = value.request
        reasons = tuple(step.reason for step in passed)
        raise LadderExhausted(f"no rung answered: {', '.join(reasons) or 'there is none'}", reasons)


def _no_answer(rung: str, error: Exception) -> NoAnswer[R]:
    if isinstance(error, PillionError):
        return NoAnswer(error.code)
    _logger.error("rung %s failed", rung, exc_info=error)
    return NoAnswer(UNEXPECTED)
