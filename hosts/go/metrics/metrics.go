// Package metrics shows a recommender's counts in Prometheus' form, under the names that the Python shim gives them.
package metrics

import (
	"cmp"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"pillion.example/pillion/recommend"
)

var buckets = []float64{0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.25, 1}

// Metrics are those of one host. They are given to [recommend.HandlerConfig] and [recommend.Config], and registered.
type Metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	answers  *prometheus.CounterVec
	left     prometheus.Histogram
	changes  *prometheus.CounterVec
	read     func() recommend.Status
}

// New returns metrics that read a recommender's status when they are asked for. Until [Metrics.Watch] there is none.
func New() *Metrics {
	return &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pillion_shim_requests_total", Help: "Requests answered.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "pillion_shim_request_seconds", Help: "Time from a request's arrival to its answer.", Buckets: buckets,
		}, []string{"route"}),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pillion_answers_total", Help: "Recommendations by the rung that gave them, and why.",
		}, []string{"source", "reason"}),
		left: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "pillion_deadline_left_seconds", Help: "Time that was left of a request's deadline when it was answered.", Buckets: buckets,
		}),
		changes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "pillion_breaker_changes_total", Help: "Changes of a breaker's state.",
		}, []string{"dependency", "from", "state"}),
	}
}

// Watch has the metrics show a recommender's status.
func (m *Metrics) Watch(recommender *recommend.Recommender) { m.read = recommender.Status }

// Request counts an answered request; see [recommend.HandlerConfig.OnRequest].
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// Answer counts a recommendation; see [recommend.HandlerConfig.OnAnswer].
func (m *Metrics) Answer(answer recommend.Recommendation) {
	m.answers.WithLabelValues(string(answer.Source), cmp.Or(answer.Reason, "none")).Inc()
	m.left.Observe(answer.DeadlineLeft.Seconds())
}

// Breaker counts a change of a breaker's state; see [recommend.Config.OnBreaker].
func (m *Metrics) Breaker(dependency, from, to string) {
	m.changes.WithLabelValues(dependency, from, to).Inc()
}

var (
	attempts    = desc("pillion_attempts_total", "Attempts to call a dependency.", "dependency", "outcome")
	states      = desc("pillion_breaker_state", "Whether a breaker is in a state.", "dependency", "state")
	inFlight    = desc("pillion_in_flight", "Calls under way.", "dependency")
	probes      = desc("pillion_probe_calls_total", "Calls that look whether a dependency is back.", "dependency")
	retries     = desc("pillion_retries_total", "Retries made.")
	tokens      = desc("pillion_retry_tokens", "Retries that could be made now.")
	limit       = desc("pillion_admission_limit", "Requests admitted at once.")
	admitted    = desc("pillion_admitted", "Requests that ask store and sidecar now.")
	overloaded  = desc("pillion_overloaded_total", "Requests not admitted.")
	checks      = desc("pillion_fallback_checks_total", "Times that the fallback was tried out.", "outcome")
	versions    = desc("pillion_model_version", "Version in use.", "model")
	snapshotAge = desc("pillion_snapshot_age_seconds", "Age of the features in use.")
	batchAge    = desc("pillion_batch_age_seconds", "Age of the answers computed ahead that are in use.")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe implements [prometheus.Collector].
func (m *Metrics) Describe(into chan<- *prometheus.Desc) {
	for _, each := range m.own() {
		each.Describe(into)
	}
	for _, each := range []*prometheus.Desc{
		attempts, states, inFlight, probes, retries, tokens, limit, admitted, overloaded, checks, versions, snapshotAge, batchAge,
	} {
		into <- each
	}
}

func (m *Metrics) own() []prometheus.Collector {
	return []prometheus.Collector{m.requests, m.seconds, m.answers, m.left, m.changes}
}

// Collect implements [prometheus.Collector].
func (m *Metrics) Collect(into chan<- prometheus.Metric) {
	for _, each := range m.own() {
		each.Collect(into)
	}
	if m.read == nil {
		return
	}
	status := m.read()
	gauge := func(of *prometheus.Desc, value float64, labels ...string) {
		into <- prometheus.MustNewConstMetric(of, prometheus.GaugeValue, value, labels...)
	}
	counter := func(of *prometheus.Desc, value int64, labels ...string) {
		into <- prometheus.MustNewConstMetric(of, prometheus.CounterValue, float64(value), labels...)
	}
	made := int64(0)
	for name, each := range status.Dependencies {
		for _, state := range []string{"closed", "open", "half_open", "forced_open", "metrics_only"} {
			gauge(states, map[bool]float64{true: 1}[each.State == state], name, state)
		}
		counter(attempts, each.Succeeded, name, "succeeded")
		counter(attempts, each.Failed, name, "failed")
		counter(attempts, each.Neutral, name, "neutral")
		counter(attempts, each.Refused, name, "refused")
		counter(attempts, each.Busy, name, "busy")
		gauge(inFlight, float64(each.InFlight), name)
		counter(probes, each.Probes, name)
		made += each.Retries
	}
	counter(retries, made)
	gauge(tokens, status.RetryTokens)
	gauge(limit, float64(status.AtOnce))
	gauge(admitted, float64(status.Admitted))
	counter(overloaded, status.Overloaded)
	counter(checks, status.FallbackChecks-status.FailedFallbackChecks, "answered")
	counter(checks, status.FailedFallbackChecks, "failed")
	for model, version := range status.Models {
		gauge(versions, float64(version), model)
	}
	if status.SnapshotVersion != 0 {
		gauge(snapshotAge, status.SnapshotAge.Seconds())
	}
	if status.BatchRun != 0 {
		gauge(batchAge, status.BatchAge.Seconds())
	}
}
