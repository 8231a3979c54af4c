"""The metrics of what is watched: features, the request log, and live parity."""

from collections.abc import Callable
from typing import Any

from prometheus_client import Counter, Gauge

from pillion.watch import CAUSES, LiveParity, LogCounts, Watch

MakeCounter = Callable[..., Counter]
MakeGauge = Callable[..., Gauge]
Raise = Callable[..., None]
_FEATURES = {
    "values": "Values of a feature that were counted, of the share of requests that is watched.",
    "missing": "Of these, those that were missing.",
    "unseen": "Of these, those of a category that the model does not know.",
    "out_of_range": "Of these, those outside the declared range, or else the baseline's.",
}
_PARITY = {
    "served_requests": "Answers of models in the time that is logged.",
    "checked_requests": "Logged requests that a replay has computed again.",
    "unchecked_requests": "Logged requests that no replay could compute again.",
    "checked_share": "Share of the served requests that a replay has computed again.",
    "checked_timestamp_seconds": "When the last replay ended, in seconds since 1970.",
}


class WatchMetrics:
    """Shows what a watch has counted.

    Features and models are bounded: a model has at most 200 that are watched, and models are those of the repository.

    Args:
        watch: The worker's.
        counter: Makes a counter: name, text, labels.
        gauge: Makes a gauge, likewise, `combined` over workers.
        raise_to: Has a counter show a total.
    """

    def __init__(self, watch: Watch, counter: MakeCounter, gauge: MakeGauge, raise_to: Raise) -> None:
        self._watch = watch
        self._raise = raise_to
        self._gauge = gauge
        self._counts = [counter(f"feature_{name}", text, "model", "feature") for name, text in _FEATURES.items()]
        text = "Stability index of a feature against the baseline."
        self._drift = gauge("feature_drift", text, "model", "feature", combined="livemax")
        self._logged = counter("request_log_requests", "Requests of users that are logged.", "outcome")
        self._differing = gauge(
            "parity_differing_requests", "Checked requests that came out otherwise.", "cause", combined="livemax"
        )
        self._parity: dict[str, Any] = {}

    def publish(self) -> None:
        """Takes over the watch's counts."""
        status = self._watch.status()
        for each in status.features:
            labels = each.model, each.feature
            totals = each.values, each.missing, each.unseen, each.outside
            for counter, total in zip(self._counts, totals, strict=True):
                self._raise(counter, total, *labels)
            if each.index is not None and each.verdict != "unsure":
                self._drift.labels(*labels).set(each.index)
        if status.log is not None:
            self._publish_log(status.log)
        if status.parity is not None:
            self._publish_parity(status.parity)

    def _publish_log(self, log: LogCounts) -> None:
        self._raise(self._logged, log.written, "written")
        self._raise(self._logged, log.dropped, "dropped")
        self._raise(self._logged, log.failed, "failed")

    def _publish_parity(self, parity: LiveParity) -> None:
        found = parity.found
        values = (found.served, found.checked, found.unchecked, parity.share, parity.at)
        for (name, text), value in zip(_PARITY.items(), values, strict=True):
            if name not in self._parity:
                self._parity[name] = self._gauge(f"parity_{name}", text, combined="livemax")
            self._parity[name].set(value)
        for cause in CAUSES:
            self._differing.labels(cause).set(found.differing.get(cause, 0))
