package recommend

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"pillion.example/pillion"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const slowFrom = 10 * time.Millisecond

func attempt(t *testing.T, b *breaker) permit {
	t.Helper()
	made, err := b.acquire()
	if err != nil {
		t.Fatalf("refused while %s", b.state())
	}
	return made
}

func TestFiveFailuresInARowOpenIt(t *testing.T) {
	b := newBreaker(slowFrom)
	for range consecutiveFailures - 1 {
		attempt(t, b).fail()
	}
	attempt(t, b).succeed(0)
	for range consecutiveFailures - 1 {
		attempt(t, b).fail()
	}
	if b.state() != "closed" {
		t.Fatalf("it is %s after four in a row", b.state())
	}
	attempt(t, b).fail()
	if _, err := b.acquire(); b.state() != "open" || !errors.Is(err, errOpen) {
		t.Errorf("it is %s: %v", b.state(), err)
	}
}

func TestHalfOfTwentyOpensIt(t *testing.T) {
	for name, bad := range map[string]func(permit){"failed": permit.fail, "slow": func(p permit) { p.succeed(slowFrom) }} {
		b := newBreaker(slowFrom)
		for range tripCalls/2 - 1 {
			attempt(t, b).succeed(0)
			bad(attempt(t, b))
		}
		attempt(t, b).succeed(0)
		if b.state() != "closed" {
			t.Fatalf("%s: it is %s after %d calls", name, b.state(), tripCalls-1)
		}
		bad(attempt(t, b))
		if b.state() != "open" {
			t.Errorf("%s: it is %s after half of twenty", name, b.state())
		}
	}
}

func opened(t *testing.T) *breaker {
	t.Helper()
	b := newBreaker(slowFrom)
	for range consecutiveFailures {
		attempt(t, b).fail()
	}
	return b
}

func TestThreeProbesThatSucceedCloseIt(t *testing.T) {
	b := opened(t)
	b.expectRecovery()
	probes := []permit{attempt(t, b), attempt(t, b), attempt(t, b)}
	if _, err := b.acquire(); err == nil {
		t.Error("a fourth probe passed")
	}
	for _, each := range probes {
		if b.state() != "half_open" {
			t.Fatalf("it is %s", b.state())
		}
		each.succeed(0)
	}
	if b.state() != "closed" {
		t.Errorf("it is %s", b.state())
	}
}

func TestAProbeThatFailsOpensItForLonger(t *testing.T) {
	b := opened(t)
	first := time.Until(b.openUntil)
	b.expectRecovery()
	attempt(t, b).fail()
	// Jitter takes a fifth at most, so that twice as long is longer all the same.
	if second := time.Until(b.openUntil); b.state() != "open" || second <= first || first > firstOpen {
		t.Errorf("it is %s for %v after %v", b.state(), second, first)
	}
}

func TestAnOutcomeOfAnEarlierStateIsPassedOver(t *testing.T) {
	b := newBreaker(slowFrom)
	late := attempt(t, b)
	for range consecutiveFailures {
		attempt(t, b).fail()
	}
	b.expectRecovery()
	late.fail()
	if b.state() != "half_open" {
		t.Errorf("it is %s", b.state())
	}
}

func TestProbesThatNeverEndDoNotKeepItHalfOpen(t *testing.T) {
	b := opened(t)
	b.expectRecovery()
	for range probingCalls {
		attempt(t, b)
	}
	b.mu.Lock()
	b.halfOpened = b.halfOpened.Add(-2 * longestProbing)
	b.mu.Unlock()
	if _, err := b.acquire(); err == nil || b.state() != "open" {
		t.Errorf("it is %s, %v", b.state(), err)
	}
}

func TestAnOperatorsWordCounts(t *testing.T) {
	b := newBreaker(slowFrom)
	b.force("open")
	if _, err := b.acquire(); err == nil || b.state() != "forced_open" {
		t.Errorf("it is %s", b.state())
	}
	b.force("closed")
	for range 3 * consecutiveFailures {
		attempt(t, b).fail()
	}
	b.force("auto")
	if attempt(t, b); b.state() != "closed" {
		t.Errorf("it is %s", b.state())
	}
}

func failing(retryable bool) error {
	made := pillion.NewError(pillion.ErrUnavailable, "sidecar_unreachable", "no", nil)
	made.Retryable = retryable
	return made
}

var limits = Dependency{Timeout: time.Hour, Slow: time.Hour, AtOnce: 1}

func TestOnlyWhatWasNotProcessedIsTriedAgainAndTheBudgetPays(t *testing.T) {
	for _, retryable := range []bool{false, true} {
		budget := &retryBudget{}
		g := newGuard("sidecar", limits, budget)
		calls := 0
		for range 10 {
			_ = g.call(t.Context(), func(context.Context) error {
				calls++
				g.breaker = newBreaker(slowFrom) // it would open meanwhile
				return failing(retryable)
			})
		}
		if expected := map[bool]int{false: 10, true: 12}[retryable]; calls != expected {
			t.Errorf("%v: %d calls, not %d", retryable, calls, expected)
		}
	}
}

func TestAnErrorThatWasRetriedIsTheDependencys(t *testing.T) {
	budget := &retryBudget{tokens: mostTokens}
	g := newGuard("sidecar", limits, budget)

	err := g.call(t.Context(), func(context.Context) error { return failing(true) })

	if g.reason(err) != "sidecar_unreachable" || g.retries.Load() != 1 || g.failed.Load() != 2 {
		t.Errorf("got %v after %d retries", err, g.retries.Load())
	}
}

func TestATimeoutCountsOnlyWhereTheAttemptHadItsFullTime(t *testing.T) {
	for name, expected := range map[string]int64{"full": 1, "short": 0} {
		g := newGuard("sidecar", Dependency{Timeout: time.Millisecond, Slow: time.Hour, AtOnce: 1}, &retryBudget{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		if name == "short" {
			g.limits.Timeout = 2 * time.Hour
			ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
		}
		err := g.call(ctx, func(ctx context.Context) error {
			<-ctx.Done()
			return pillion.NewError(pillion.ErrDeadline, pillion.CodeDeadline, "late", ctx.Err())
		})
		cancel()
		if reason := map[string]string{"full": "sidecar_timeout", "short": "deadline_exceeded"}[name]; g.reason(err) != reason || g.failed.Load() != expected {
			t.Errorf("%s: %s, %d failed", name, g.reason(err), g.failed.Load())
		}
	}
}

func TestABulkheadThatIsFullIsNoFailure(t *testing.T) {
	g := newGuard("store", limits, &retryBudget{})
	err := g.call(t.Context(), func(ctx context.Context) error {
		return g.call(ctx, func(context.Context) error { return nil })
	})
	if g.reason(err) != "store_busy" || g.busy.Load() != 1 {
		t.Errorf("got %v", err)
	}
}
