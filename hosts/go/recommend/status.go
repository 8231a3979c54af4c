package recommend

import (
	"context"
	"time"
)

// Status is how the data plane is.
type Status struct {
	// SnapshotVersion is the feature version in use; 0 where there is none.
	SnapshotVersion int64
	// SnapshotAge is how long ago it was published.
	SnapshotAge time.Duration
	// SnapshotProblem says why the last look for another one failed; empty where it did not.
	SnapshotProblem string
	// BatchRun is the run of batch inference whose answers are in use; 0 where there are none.
	BatchRun     int64
	BatchModel   string
	BatchVersion int64
	BatchAge     time.Duration
	// Models has the versions in use, by model.
	Models map[string]int64
	// Dependencies has "store" and "sidecar".
	Dependencies map[string]DependencyStatus
	// RetryTokens is how many retries could be made now.
	RetryTokens float64
	// AtOnce is how many requests may ask store and sidecar at once; Admitted do so now, and Overloaded were not let through.
	AtOnce               uint
	Admitted, Overloaded int64
	// FallbackChecks is how often the fallback was computed beside an online answer; FailedFallbackChecks had no answer then.
	FallbackChecks, FailedFallbackChecks int64
}

// DependencyStatus is how one dependency is.
type DependencyStatus struct {
	// State is that of its breaker: closed, open, half_open, forced_open or metrics_only.
	State string
	// ConsecutiveFailures are attempts that failed in a row.
	ConsecutiveFailures int
	// Succeeded, Failed, Neutral, Refused and Busy count attempts; the last two were not made.
	Succeeded, Failed, Neutral, Refused, Busy int64
	// InFlight are calls under way; Retries were made; Probes looked whether it is back.
	InFlight, Retries, Probes int64
}

// Status returns how the data plane is.
func (r *Recommender) Status() Status {
	made := Status{
		Models: map[string]int64{}, Dependencies: map[string]DependencyStatus{}, RetryTokens: r.budget.left(),
		AtOnce: r.settings.AtOnce, Admitted: r.admitted.Load(), Overloaded: r.overloaded.Load(),
		FallbackChecks: r.checks.Load(), FailedFallbackChecks: r.failedChecks.Load(),
	}
	now := float64(time.Now().UnixNano()) / 1e9
	if catalog := r.catalog.Load(); catalog != nil {
		made.SnapshotVersion, made.SnapshotAge = catalog.Version, seconds(catalog.Age(now))
		if batch := catalog.Batch; batch != nil {
			made.BatchRun, made.BatchModel, made.BatchVersion = batch.Run, batch.Model, batch.Version
			made.BatchAge = seconds(max(0, now-batch.Created))
		}
	}
	if problem := r.problem.Load(); problem != nil {
		made.SnapshotProblem = *problem
	}
	r.binder.mu.Lock()
	for model, each := range r.binder.known {
		made.Models[model] = each.contract.Version
	}
	r.binder.mu.Unlock()
	for _, each := range r.guards() {
		state, _, consecutive := each.breaker.look()
		made.Dependencies[each.name] = DependencyStatus{
			State: state, ConsecutiveFailures: consecutive,
			Succeeded: each.succeeded.Load(), Failed: each.failed.Load(), Neutral: each.neutral.Load(),
			Refused: each.refused.Load(), Busy: each.busy.Load(),
			InFlight: each.inFlight.Load(), Retries: each.retries.Load(), Probes: each.probes.Load(),
		}
	}
	return made
}

// Ready says whether every request can be answered with items: there is a snapshot.
func (r *Recommender) Ready() bool { return r.catalog.Load() != nil }

// Ping returns, per dependency, why it does not answer; nil where it does.
func (r *Recommender) Ping(ctx context.Context) map[string]error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	sidecar := make(chan error, 1)
	go func() { sidecar <- r.client.Ready(ctx) }()
	store := r.source.Ping(ctx)
	return map[string]error{"store": store, "sidecar": <-sidecar}
}

// ForceBreaker has a dependency's breaker refuse every call ("open"), let every call through ("closed"), or follow its rules again
// ("auto"); it returns false where there is no such dependency or mode.
func (r *Recommender) ForceBreaker(dependency, mode string) bool {
	state, known := modes[mode]
	if !known {
		return false
	}
	for _, each := range r.guards() {
		if each.name == dependency {
			each.breaker.force(state)
			return true
		}
	}
	return false
}
