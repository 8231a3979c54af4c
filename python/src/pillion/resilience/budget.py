"""The allowance of extra attempts that retries share."""

import threading

_THOUSANDTHS = 1000


class RetryBudget:
    """A token bucket: each call pays in a fraction of a token, each retry takes a whole one.

    Retries are then never more than `ratio` × calls, whatever the dependency does: a dead one sees
    at most 1 + `ratio` attempts a call. The bucket starts empty, and `max_tokens` bounds the burst
    that a long healthy time can save up. It knows no time. Tokens are kept in integer thousandths,
    so five calls at 0.2 buy one retry exactly. Share one budget between the guards that a request
    passes. Thread-safe.

    Args:
        ratio: Tokens paid in per call, 0 to 1, kept to three decimals.
        max_tokens: Tokens that the bucket holds at most, at least 1.

    Raises:
        ValueError: An argument is outside its range.
    """

    __slots__ = ("_lock", "_max", "_ratio", "_tokens", "_withdrawn")

    def __init__(self, ratio: float = 0.2, max_tokens: int = 10) -> None:
        if not 0 <= ratio <= 1 or max_tokens < 1:
            raise ValueError(f"a budget has a ratio of 0 to 1 and at least 1 token: {ratio}, {max_tokens}")
        self._ratio = round(ratio * _THOUSANDTHS)
        self._max = max_tokens * _THOUSANDTHS
        self._tokens = 0
        self._withdrawn = 0
        self._lock = threading.Lock()

    @property
    def tokens(self) -> float:
        """The retries that could be taken now, fractions included."""
        return self._tokens / _THOUSANDTHS

    @property
    def withdrawn(self) -> int:
        """The retries taken out since the start."""
        return self._withdrawn

    def deposit(self) -> None:
        """Pay in for one call."""
        with self._lock:
            self._tokens = min(self._max, self._tokens + self._ratio)

    def withdraw(self) -> bool:
        """Take one retry out; return False, and take nothing, where less than one is left."""
        with self._lock:
            if self._tokens < _THOUSANDTHS:
                return False
            self._tokens -= _THOUSANDTHS
            self._withdrawn += 1
            return True
