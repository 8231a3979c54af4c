package recommend

import (
	"fmt"
	"strconv"
	"time"
)

// Settings are limits and times. [Defaults] returns those that are used where nobody says otherwise.
type Settings struct {
	// Deadline is the time from a request's arrival to its answer.
	Deadline time.Duration
	// Reserve is the part of the deadline that is kept for the fallback.
	Reserve time.Duration
	// Model is asked where a request names none; that of the project file where empty.
	Model string
	// K is how many items a request gets that does not say how many.
	K int
	// MaxK is the most items that a request may ask for.
	MaxK int
	// MaxCandidates is the most candidates that a request may give.
	MaxCandidates int
	// CandidateCount is how many of a popularity list are ranked where a request gives no candidates.
	CandidateCount int
	// SnapshotPath is a file that keeps the last snapshot, so that a cold start without a store can answer; none where empty.
	SnapshotPath string
	// Refresh is the time between looks for another feature version.
	Refresh time.Duration
	// AtOnce is how many requests may ask store and sidecar at once; the others get the fallback.
	AtOnce uint
	// AskWithoutStore says whether a store that is down leads to the model being asked with declared defaults.
	AskWithoutStore bool
	// FallbackCheckShare is the share of online answers for which the fallback is computed as well, to know that it works.
	FallbackCheckShare float64
	// Store and Sidecar are the limits of each dependency.
	Store, Sidecar Dependency
	// LoadTimeout is the time that one look for another feature version may take.
	LoadTimeout time.Duration
}

// Dependency are the limits of calls to one dependency.
type Dependency struct {
	// Timeout is the time that one attempt may take; keep it below what a usual request has left for it.
	Timeout time.Duration
	// Slow is the time from which an attempt counts as slow for the breaker.
	Slow time.Duration
	// AtOnce is how many calls may be under way.
	AtOnce uint
}

// Defaults returns the settings that are used where nobody says otherwise.
func Defaults() Settings {
	return Settings{
		Deadline: 50 * time.Millisecond, Reserve: 5 * time.Millisecond,
		K: 10, MaxK: 1000, MaxCandidates: 10_000, CandidateCount: 200,
		Refresh: 5 * time.Second, AtOnce: 64, FallbackCheckShare: 0.01,
		Store:       Dependency{Timeout: 20 * time.Millisecond, Slow: 15 * time.Millisecond, AtOnce: 64},
		Sidecar:     Dependency{Timeout: 30 * time.Millisecond, Slow: 25 * time.Millisecond, AtOnce: 64},
		LoadTimeout: 30 * time.Second,
	}
}

// FromEnvironment returns settings with what variables say, which are the shim's: PILLION_RECOMMEND_DEADLINE_MS and so on.
func FromEnvironment(base Settings, get func(string) string) (Settings, error) {
	reader := environment{get: get}
	reader.milliseconds("PILLION_RECOMMEND_DEADLINE_MS", &base.Deadline)
	reader.milliseconds("PILLION_RECOMMEND_RESERVE_MS", &base.Reserve)
	reader.text("PILLION_RECOMMEND_MODEL", &base.Model)
	reader.count("PILLION_RECOMMEND_K", &base.K)
	reader.count("PILLION_RECOMMEND_MAX_K", &base.MaxK)
	reader.count("PILLION_RECOMMEND_MAX_CANDIDATES", &base.MaxCandidates)
	reader.count("PILLION_RECOMMEND_CANDIDATE_COUNT", &base.CandidateCount)
	reader.text("PILLION_RECOMMEND_SNAPSHOT_PATH", &base.SnapshotPath)
	reader.seconds("PILLION_RECOMMEND_REFRESH_S", &base.Refresh)
	reader.most("PILLION_RECOMMEND_ADMISSION_MOST", &base.AtOnce)
	reader.milliseconds("PILLION_STORE_ATTEMPT_TIMEOUT_MS", &base.Store.Timeout)
	reader.milliseconds("PILLION_STORE_SLOW_MS", &base.Store.Slow)
	reader.most("PILLION_STORE_MAX_CONNECTIONS", &base.Store.AtOnce)
	reader.seconds("PILLION_STORE_LOAD_TIMEOUT_S", &base.LoadTimeout)
	reader.milliseconds("PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS", &base.Sidecar.Timeout)
	reader.milliseconds("PILLION_SIDECAR_SLOW_MS", &base.Sidecar.Slow)
	reader.most("PILLION_SIDECAR_MAX_CONNECTIONS", &base.Sidecar.AtOnce)
	return base, reader.err
}

type environment struct {
	get func(string) string
	err error
}

func (e *environment) text(name string, into *string) {
	if text := e.get(name); text != "" {
		*into = text
	}
}

func (e *environment) number(name string, least float64) (float64, bool) {
	text := e.get(name)
	if text == "" {
		return 0, false
	}
	number, err := strconv.ParseFloat(text, 64)
	if (err != nil || !(number >= least)) && e.err == nil {
		e.err = fmt.Errorf("%s is %q, but must be a number of at least %v", name, text, least)
	}
	return number, e.err == nil
}

func (e *environment) milliseconds(name string, into *time.Duration) {
	if number, is := e.number(name, 0); is {
		*into = time.Duration(number * float64(time.Millisecond))
	}
}

func (e *environment) seconds(name string, into *time.Duration) {
	if number, is := e.number(name, 0); is {
		*into = time.Duration(number * float64(time.Second))
	}
}

func (e *environment) count(name string, into *int) {
	if number, is := e.number(name, 1); is {
		*into = int(number)
	}
}

func (e *environment) most(name string, into *uint) {
	if number, is := e.number(name, 1); is {
		*into = uint(number)
	}
}
