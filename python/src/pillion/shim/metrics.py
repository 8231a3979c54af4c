"""The shim's metrics, in Prometheus' text form, of all its workers."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from pillion.recommend import Recommender, Status
from pillion.resilience import BreakerState, StateChange
from pillion.shim.watch_metrics import WatchMetrics
from pillion.types import Recommendation
from pillion.watch import watch_of

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder where workers share their metrics; prometheus_client reads it when imported."""
_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.25, 1.0)


class RequestMetrics:
    """The metrics of one worker, and the text of them all.

    Args:
        recommender: Whose breakers and snapshot are shown.
    """

    def __init__(self, recommender: Recommender) -> None:
        self._recommender = recommender
        self._registry = CollectorRegistry()
        self._totals: dict[tuple[Counter, tuple[str, ...]], float] = {}
        self._requests = self._counter("shim_requests", "Requests answered.", "route", "method", "status")
        self._answers = self._counter(
            "answers", "Recommendations by the rung that gave them, and why.", "source", "reason"
        )
        self._changes = self._counter(
            "breaker_changes", "Changes of a breaker's state.", "dependency", "state", "cause"
        )
        self._seconds = Histogram(
            "pillion_shim_request_seconds",
            "Time from a request's arrival to its answer.",
            ["route"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._left = Histogram(
            "pillion_deadline_left_seconds",
            "Time that was left of a request's deadline when it was answered.",
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._attempts = self._counter("attempts", "Attempts to call a dependency.", "dependency", "outcome")
        self._probes = self._counter("probe_calls", "Calls that look whether a dependency is back.", "dependency")
        self._retries = self._counter("retries", "Retries made.")
        self._overloaded = self._counter("overloaded", "Requests not admitted.")
        self._checks = self._counter("fallback_checks", "Times that the fallback was tried out.", "outcome")
        self._states = self._gauge("breaker_state", "Workers whose breaker is in a state.", "dependency", "state")
        self._in_flight = self._gauge("in_flight", "Calls under way.", "dependency")
        self._tokens = self._gauge("retry_tokens", "Retries that could be made now.")
        self._limit = self._gauge("admission_limit", "Requests admitted at once.")
        self._admitted = self._gauge("admitted", "Requests that ask store and sidecar now.")
        self._versions = self._gauge("model_version", "Version in use.", "model", combined="livemax")
        self._age: Gauge | None = None
        watch = watch_of(recommender)
        self._watch = None if watch is None else WatchMetrics(watch, self._counter, self._gauge, self._raise)
        self._batch_age: Gauge | None = None
        for breaker in recommender.breakers.values():
            breaker.subscribe(self._count_change)

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts an answered request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def count_answer(self, answer: Recommendation) -> None:
        """Counts a recommendation."""
        self._answers.labels(answer.source.value, answer.reason or "none").inc()
        self._left.observe(answer.deadline_left_ms / 1000)

    def publish(self) -> None:
        """Takes over the data plane's own counts; whatever worker is asked for metrics shows them then."""
        status = self._recommender.status()
        for breaker in status.breakers:
            name = breaker.name
            for state in BreakerState:
                self._states.labels(name, state.value).set(breaker.state is state)
            for outcome in ("succeeded", "failed", "neutral", "refused", "ignored"):
                self._raise(self._attempts, getattr(breaker, outcome), name, outcome)
            self._raise(self._attempts, status.busy[name], name, "busy")
            self._in_flight.labels(name).set(status.in_flight[name])
            self._raise(self._probes, status.probes[name], name)
        self._publish_limits(status)
        if self._watch is not None:
            self._watch.publish()

    def _publish_limits(self, status: Status) -> None:
        limit, admitted, overloaded = status.admission
        self._limit.set(limit)
        self._admitted.set(admitted)
        self._raise(self._overloaded, overloaded)
        self._tokens.set(status.retry_tokens)
        self._raise(self._retries, status.retries)
        self._raise(self._checks, status.fallback_checks - status.failed_fallback_checks, "answered")
        self._raise(self._checks, status.failed_fallback_checks, "failed")
        for name, version in status.models.items():
            self._versions.labels(name).set(version)
        if status.snapshot_age_s is not None:
            self._age = self._age or self._gauge(
                "snapshot_age_seconds", "Age of the features in use.", combined="livemax"
            )
            self._age.set(status.snapshot_age_s)
        if status.batch_age_s is not None:
            self._batch_age = self._batch_age or self._gauge(
                "batch_age_seconds", "Age of the answers computed ahead that are in use.", combined="livemax"
            )
            self._batch_age.set(status.batch_age_s)

    def text(self) -> bytes:
        """Returns the metrics of all workers."""
        self.publish()
        if FOLDER not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    def _count_change(self, change: StateChange) -> None:
        self._changes.labels(change.breaker, change.after.value, change.cause.value).inc()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"pillion_{name}", text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str, combined: str = "livesum") -> Gauge:
        return Gauge(f"pillion_{name}", text, labels, registry=self._registry, multiprocess_mode=combined)  # type: ignore[arg-type]

    def _raise(self, counter: Counter, total: float, *labels: str) -> None:
        """Has a counter show a total that somebody else counts; most have not moved since the last time."""
        key = (counter, labels)
        before = self._totals.get(key)
        if total != before:
            (counter.labels(*labels) if labels else counter).inc(total - (before or 0.0))
            self._totals[key] = total
