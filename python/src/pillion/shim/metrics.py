"""The shim's metrics, in Prometheus' text form."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pillion.recommend import Recommender
from pillion.resilience import BreakerState, StateChange
from pillion.types import Recommendation

_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.25, 1.0)


class RequestMetrics:
    """Counters of one shim.

    Args:
        recommender: Whose breakers and snapshot are shown.
    """

    def __init__(self, recommender: Recommender) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_DataPlane(recommender))
        self._requests = Counter(
            "pillion_requests", "Requests answered.", ["route", "method", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "pillion_request_seconds",
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
        self._changes = Counter(
            "pillion_breaker_changes",
            "Changes of a breaker's state.",
            ["dependency", "state", "cause"],
            registry=self._registry,
        )
        for breaker in recommender.breakers.values():
            breaker.subscribe(self._count_change)
        self._answers = Counter(
            "pillion_answers",
            "Recommendations by the rung that gave them, and why.",
            ["source", "reason"],
            registry=self._registry,
        )

        # Looking a label up takes longer than counting.
        self._of_requests: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._of_answers: dict[tuple[str, str | None], Counter] = {}

    def count_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts an answered request."""
        key = (route, method, status)
        if (entry := self._of_requests.get(key)) is None:
            entry = (self._requests.labels(route, method, str(status)), self._seconds.labels(route))
            self._of_requests[key] = entry
        entry[0].inc()
        entry[1].observe(seconds)

    def count_answer(self, answer: Recommendation) -> None:
        """Counts a recommendation."""
        key = (answer.source, answer.reason)
        if (counter := self._of_answers.get(key)) is None:
            counter = self._of_answers[key] = self._answers.labels(answer.source.value, answer.reason or "none")
        counter.inc()
        self._left.observe(answer.deadline_left_ms / 1000)

    def _count_change(self, change: StateChange) -> None:
        self._changes.labels(change.breaker, change.after.value, change.cause.value).inc()

    def text(self) -> bytes:
        """Returns all of them."""
        return generate_latest(self._registry)


class _DataPlane(Collector):
    """Reads the data plane's own counts whenever the metrics are asked for."""

    def __init__(self, recommender: Recommender) -> None:
        self._recommender = recommender

    def collect(self) -> Iterator[Metric]:
        status = self._recommender.status()
        states = GaugeMetricFamily(
            "pillion_breaker_state", "1 for the state that a breaker is in.", labels=["dependency", "state"]
        )
        attempts = CounterMetricFamily(
            "pillion_attempts", "Attempts to call a dependency.", labels=["dependency", "outcome"]
        )
        for breaker in status.breakers:
            for state in BreakerState:
                states.add_metric([breaker.name, state.value], float(breaker.state is state))
            attempts.add_metric([breaker.name, "succeeded"], breaker.succeeded)
            attempts.add_metric([breaker.name, "failed"], breaker.failed)
            attempts.add_metric([breaker.name, "neutral"], breaker.neutral)
            attempts.add_metric([breaker.name, "refused"], breaker.refused)
            attempts.add_metric([breaker.name, "ignored"], breaker.ignored)
            attempts.add_metric([breaker.name, "busy"], status.busy[breaker.name])
        in_flight = GaugeMetricFamily("pillion_in_flight", "Calls under way.", labels=["dependency"])
        for name, count in status.in_flight.items():
            in_flight.add_metric([name], count)
        probes = CounterMetricFamily(
            "pillion_probe_calls", "Calls that look whether a dependency is back.", labels=["dependency"]
        )
        for name, count in status.probes.items():
            probes.add_metric([name], count)
        models = GaugeMetricFamily("pillion_model_version", "Version in use.", labels=["model"])
        checks = CounterMetricFamily(
            "pillion_fallback_checks", "Times that the fallback was computed to know that it works.", labels=["outcome"]
        )
        checks.add_metric(["answered"], status.fallback_checks - status.failed_fallback_checks)
        checks.add_metric(["failed"], status.failed_fallback_checks)
        limit, admitted, overloaded = status.admission
        yield states
        yield attempts
        yield in_flight
        yield probes
        yield GaugeMetricFamily("pillion_retry_tokens", "Retries that could be made now.", value=status.retry_tokens)
        yield CounterMetricFamily("pillion_retries", "Retries made.", value=status.retries)
        yield GaugeMetricFamily("pillion_admission_limit", "Requests admitted at once.", value=limit)
        yield GaugeMetricFamily("pillion_admitted", "Requests that ask store and sidecar now.", value=admitted)
        yield CounterMetricFamily("pillion_overloaded", "Requests not admitted.", value=overloaded)
        for name, version in status.models.items():
            models.add_metric([name], version)
        yield models
        yield checks
        if status.snapshot_age_s is not None:
            yield GaugeMetricFamily(
                "pillion_snapshot_age_seconds", "Age of the features in use.", value=status.snapshot_age_s
            )

    def describe(self) -> list[Metric]:
        """Returns nothing, so that registering does not collect."""
        return []
