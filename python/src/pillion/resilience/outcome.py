"""What an error of a call says about the dependency."""

from collections.abc import Callable
from enum import Enum


class Outcome(Enum):
    """A classifier's verdict on an exception that a call raised."""

    FAILURE_RETRYABLE = "failure_retryable"
    """The dependency failed and processed nothing: refused, reset before a byte, UNAVAILABLE."""

    FAILURE = "failure"
    """The dependency failed, and may have processed the call."""

    TIMEOUT = "timeout"
    """The dependency did not answer in the time given: never retried, and a failure only if the
    attempt had its full time. `TimeoutError` is always this; it is for a library's own types."""

    NEUTRAL = "neutral"
    """It says nothing about health: cache miss, validation error, 4xx, a refusal."""


Classifier = Callable[[Exception], Outcome]
"""Says what an exception means. It must not raise. It is never asked about `TimeoutError`, about this
package's own errors, or about cancellation, whose meaning is fixed."""


def classify_connection_errors(error: Exception) -> Outcome:
    """Return the verdict that fits a plain socket.

    A refused connection is retryable, since nothing was sent; anything else is a failure.
    """
    return Outcome.FAILURE_RETRYABLE if isinstance(error, ConnectionRefusedError) else Outcome.FAILURE
