package recommend

import (
	"math"
	"time"

	"pillion.example/pillion"
)

type itemBody struct {
	ID    pillion.ID `json:"item_id"`
	Title *string    `json:"title"`
	Score *float64   `json:"score"`
}

type recommendationBody struct {
	RequestID  string       `json:"request_id"`
	UserID     pillion.ID   `json:"user_id"`
	Items      []itemBody   `json:"items"`
	Source     Source       `json:"source"`
	Reason     *string      `json:"reason"`
	Model      *string      `json:"model"`
	Version    *int64       `json:"version"`
	Engine     *string      `json:"engine"`
	FeatureAge *float64     `json:"feature_age_s"`
	Unknown    []pillion.ID `json:"unknown_items"`
	Seen       int          `json:"seen_items"`
	Unscored   int          `json:"unscored_items"`
	SeenShare  *float64     `json:"seen_share"`
	Timings    timingsBody  `json:"timings_ms"`
}

type timingsBody struct {
	Fetch    float64 `json:"fetch"`
	Assemble float64 `json:"assemble"`
	Score    float64 `json:"score"`
	Rank     float64 `json:"rank"`
	Total    float64 `json:"total"`
}

// orNull returns nil for a zero value, which is null in JSON.
func orNull[T comparable](value T) *T {
	if value == *new(T) {
		return nil
	}
	return &value
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration) / float64(time.Millisecond)
}

func answerBody(answer Recommendation) recommendationBody {
	made := recommendationBody{
		RequestID: answer.RequestID, UserID: answer.UserID, Items: make([]itemBody, len(answer.Items)), Source: answer.Source,
		Reason: orNull(answer.Reason), Model: orNull(answer.Model), Version: orNull(answer.Version), Engine: orNull(answer.Engine),
		Unknown: answer.Unknown, Seen: answer.Seen, Unscored: answer.Unscored, SeenShare: orNull(answer.SeenShare),
		Timings: timingsBody{
			milliseconds(answer.Timings.Fetch), milliseconds(answer.Timings.Assemble), milliseconds(answer.Timings.Score),
			milliseconds(answer.Timings.Rank), milliseconds(answer.Timings.Total),
		},
	}
	if made.Unknown == nil {
		made.Unknown = []pillion.ID{}
	}
	if answer.FeatureAge >= 0 {
		age := answer.FeatureAge.Seconds()
		made.FeatureAge = &age
	}
	for at, item := range answer.Items {
		made.Items[at] = itemBody{item.ID, orNull(item.Title), item.Score}
		if item.Score != nil && math.IsInf(*item.Score, 0) {
			made.Items[at].Score = nil // JSON has no infinity
		}
	}
	return made
}

func problem(code, message, field string) map[string]any {
	return map[string]any{"error": map[string]any{"code": code, "message": message, "field": orNull(field)}}
}

func statusBody(status Status) map[string]any {
	refreshing := "ok"
	if status.SnapshotProblem != "" {
		refreshing = "failed"
	}
	snapshot := map[string]any{"version": orNull(status.SnapshotVersion), "age_s": nil, "refreshing": refreshing}
	if status.SnapshotVersion != 0 {
		snapshot["age_s"] = status.SnapshotAge.Seconds()
	}
	var batch any
	if status.BatchRun != 0 {
		batch = map[string]any{
			"run": status.BatchRun, "model": status.BatchModel, "version": status.BatchVersion, "age_s": status.BatchAge.Seconds(),
		}
	}
	breakers, retries := map[string]any{}, int64(0)
	for name, each := range status.Dependencies {
		retries += each.Retries
		breakers[name] = map[string]any{
			"state": each.State, "consecutive_failures": each.ConsecutiveFailures, "succeeded": each.Succeeded, "failed": each.Failed,
			"refused": each.Refused, "in_flight": each.InFlight, "busy": each.Busy,
		}
	}
	return map[string]any{
		"snapshot": snapshot, "batch": batch, "models": status.Models, "breakers": breakers,
		"retries":         map[string]any{"made": retries, "tokens": status.RetryTokens},
		"admission":       map[string]any{"limit": status.AtOnce, "in_flight": status.Admitted, "refused": status.Overloaded},
		"fallback_checks": map[string]any{"done": status.FallbackChecks, "failed": status.FailedFallbackChecks},
		"others":          []any{}, // a host of one process has no other workers
	}
}
