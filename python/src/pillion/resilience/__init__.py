"""Calls to a dependency that may be slow, down or half up, and what to answer then.

The package knows callables only. A `Ladder` asks its rungs in order; a rung that needs a dependency calls it
through that dependency's `Guard`, which tries again where nothing was processed, stops calling what is down,
bounds what is under way, and ends what takes too long. A `Deadline` bounds a request. Here it is all that the
rungs get; a host passes a request that holds one.

>>> import asyncio
>>> async def main() -> None:
...     sidecar = Guard("sidecar", GuardSettings(timeout_s=0.025, retry=RetrySettings(attempts=1)))
...
...     async def score(timeout_s: float) -> list[str]:
...         raise ConnectionRefusedError("nobody listens")
...
...     async def online(deadline: Deadline) -> list[str] | NoAnswer[Deadline]:
...         try:
...             return await sidecar.call(score, deadline)
...         except ConnectionError:
...             return NoAnswer("sidecar_down")
...
...     ladder = Ladder([Rung("online", online)], [MemoryRung("popular", lambda _: ["item-1", "item-7"])])
...     for _ in range(6):
...         answer = await ladder.answer(Deadline.after(0.5, reserve=0.005))
...         print(answer.source, answer.value, answer.reason)
>>> asyncio.run(main())
popular ['item-1', 'item-7'] sidecar_down
popular ['item-1', 'item-7'] sidecar_down
popular ['item-1', 'item-7'] sidecar_down
popular ['item-1', 'item-7'] sidecar_down
popular ['item-1', 'item-7'] sidecar_down
popular ['item-1', 'item-7'] breaker_open
"""

from pillion.resilience.admission import AdmissionLimit, AdmissionSettings
from pillion.resilience.breaker import Breaker
from pillion.resilience.breaker_settings import BreakerSettings
from pillion.resilience.budget import RetryBudget
from pillion.resilience.bulkhead import Bulkhead
from pillion.resilience.clock import Clock, FakeClock, SystemClock
from pillion.resilience.deadline import Deadline
from pillion.resilience.errors import (
    AttemptTimeout,
    BreakerOpen,
    BulkheadFull,
    DeadlineExceeded,
    LadderExhausted,
    Overloaded,
    ResilienceError,
)
from pillion.resilience.guard import Guard, GuardSettings
from pillion.resilience.ladder import (
    UNEXPECTED,
    Ladder,
    LadderAnswer,
    MemoryRung,
    NoAnswer,
    Passed,
    Rung,
)
from pillion.resilience.listeners import Listener
from pillion.resilience.loop_lag import LoopLag
from pillion.resilience.outcome import Classifier, Outcome, classify_connection_errors
from pillion.resilience.permit import Permit
from pillion.resilience.retry import Retry, RetrySettings
from pillion.resilience.state import BreakerSnapshot, BreakerState, Cause, StateChange
from pillion.resilience.window import Window, WindowCounts

__all__ = [
    "UNEXPECTED",
    "AdmissionLimit",
    "AdmissionSettings",
    "AttemptTimeout",
    "Breaker",
    "BreakerOpen",
    "BreakerSettings",
    "BreakerSnapshot",
    "BreakerState",
    "Bulkhead",
    "BulkheadFull",
    "Cause",
    "Classifier",
    "Clock",
    "Deadline",
    "DeadlineExceeded",
    "FakeClock",
    "Guard",
    "GuardSettings",
    "Ladder",
    "LadderAnswer",
    "LadderExhausted",
    "Listener",
    "LoopLag",
    "MemoryRung",
    "NoAnswer",
    "Outcome",
    "Overloaded",
    "Passed",
    "Permit",
    "ResilienceError",
    "Retry",
    "RetryBudget",
    "RetrySettings",
    "Rung",
    "StateChange",
    "SystemClock",
    "Window",
    "WindowCounts",
    "classify_connection_errors",
]
