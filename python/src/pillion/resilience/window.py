"""The calls of the last few seconds, counted in a ring of time buckets."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WindowCounts:
    """What a window holds at one moment.

    A call that failed slowly counts once in `calls`, once in `failures`, once in `slow`.

    Attributes:
        calls: Attempts that succeeded or failed.
        failures: Those that failed.
        slow: Those that took longer than the slow threshold, failed or not.
    """

    calls: int = 0
    failures: int = 0
    slow: int = 0

    @property
    def failure_rate(self) -> float:
        """The share of calls that failed, 0 to 1; 0 where there were none."""
        return self.failures / self.calls if self.calls else 0.0

    @property
    def slow_rate(self) -> float:
        """The share of calls that were slow, 0 to 1; 0 where there were none."""
        return self.slow / self.calls if self.calls else 0.0


class Window:
    """A sliding window of `buckets` × `bucket_s` seconds.

    Bucket k holds the calls whose outcome came in [k × bucket_s, (k + 1) × bucket_s) of the clock.
    The window is the bucket of now and the `buckets` - 1 before it, so it reaches back between
    (buckets - 1) × bucket_s and buckets × bucket_s seconds. These are the rules of Resilience4j's
    `SlidingTimeWindowMetrics`, with whole seconds of the given clock in place of epoch seconds.
    A reading older than the newest seen so far is counted in the newest bucket.

    Recording and counting cost O(1), memory O(buckets). It is not thread-safe: its owner locks.

    Args:
        buckets: How many buckets, at least 1.
        bucket_s: The width of one, in seconds.

    Raises:
        ValueError: `buckets` or `bucket_s` is not positive.
    """

    __slots__ = ("_bucket_s", "_calls", "_failures", "_head", "_ring", "_slow")

    def __init__(self, buckets: int = 10, bucket_s: float = 1.0) -> None:
        if buckets < 1 or bucket_s <= 0:
            raise ValueError(f"a window needs buckets and width, not {buckets} of {bucket_s} s")
        self._bucket_s = bucket_s
        self._ring = [[0, 0, 0] for _ in range(buckets)]
        self._head: int | None = None
        self._calls = self._failures = self._slow = 0

    def record(self, now_s: float, *, failed: bool, slow: bool) -> WindowCounts:
        """Count one call whose outcome came now.

        Args:
            now_s: The clock's reading, in seconds.
            failed: Whether it failed.
            slow: Whether it was slower than the threshold.

        Returns:
            The counts with this call in them.
        """
        bucket = self._ring[self._slide(now_s) % len(self._ring)]
        bucket[0] += 1
        bucket[1] += failed
        bucket[2] += slow
        self._calls += 1
        self._failures += failed
        self._slow += slow
        return WindowCounts(self._calls, self._failures, self._slow)

    def counts(self, now_s: float) -> WindowCounts:
        """Return what the window holds at `now_s`, in seconds of the clock."""
        self._slide(now_s)
        return WindowCounts(self._calls, self._failures, self._slow)

    def clear(self) -> None:
        """Forget every call."""
        for bucket in self._ring:
            bucket[:] = (0, 0, 0)
        self._calls = self._failures = self._slow = 0

    def _slide(self, now_s: float) -> int:
        """Evict the buckets that left the window; return the number of the newest bucket."""
        number = math.floor(now_s / self._bucket_s)
        head = number if self._head is None else max(self._head, number)
        if self._head is not None:
            for passed in range(min(head - self._head, len(self._ring))):
                bucket = self._ring[(head - passed) % len(self._ring)]
                self._calls -= bucket[0]
                self._failures -= bucket[1]
                self._slow -= bucket[2]
                bucket[:] = (0, 0, 0)
        self._head = head
        return head
