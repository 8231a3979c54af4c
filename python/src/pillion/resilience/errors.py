"""The refusals and timeouts of the resilience layer, each with a stable code.

PillionError
└── ResilienceError     a guard or a ladder ended the call, not the dependency
    ├── BreakerOpen       the breaker refuses calls for now
    ├── BulkheadFull      too many calls are under way already
    ├── Overloaded        too many requests are under way already
    ├── DeadlineExceeded  the request's own time is up
    ├── AttemptTimeout    the dependency had its full time and did not answer
    └── LadderExhausted   no rung had an answer

None of them is retryable: the same call at once would be refused, or be late, again.
"""

from typing import ClassVar

from pillion.errors import PillionError


class ResilienceError(PillionError):
    """The root of what this package raises on its own account."""

    code: ClassVar[str] = "resilience"
    retryable: ClassVar[bool] = False


class BreakerOpen(ResilienceError):
    """A breaker refused the call; nothing was sent.

    Attributes:
        retry_after_s: Seconds after which trying again makes sense; None where only an operator can
            end the refusal.
    """

    code = "breaker_open"

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BulkheadFull(ResilienceError):
    """As many calls as allowed are under way; nothing was sent."""

    code = "bulkhead_full"


class Overloaded(ResilienceError):
    """As many requests as admitted are under way; no dependency was asked."""

    code = "overloaded"


class DeadlineExceeded(ResilienceError):
    """The request's time is up, less what is kept for the fallback."""

    code = "deadline_exceeded"


class AttemptTimeout(ResilienceError):
    """The dependency had an attempt's full time and did not answer."""

    code = "attempt_timeout"


class LadderExhausted(ResilienceError):
    """Every rung was passed.

    Attributes:
        reasons: One stable code per rung, in the order of the rungs.
    """

    code = "ladder_exhausted"

    def __init__(self, message: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons
