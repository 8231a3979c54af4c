package recommend

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"pillion.example/pillion"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var usual = usualRules(10 * time.Millisecond)

func attempt(t *testing.T, b *breaker) permit {
	t.Helper()
	made, err := b.acquire()
	if err != nil {
		t.Fatalf("refused while %s", b.state())
	}
	return made
}

func TestFiveFailuresInARowOpenIt(t *testing.T) {
	b := newBreaker(usual)
	for range usual.consecutive - 1 {
		attempt(t, b).settle(failure)
	}
	attempt(t, b).settle(success)
	for range usual.consecutive - 1 {
		attempt(t, b).settle(failure)
	}
	if b.state() != closed {
		t.Fatalf("it is %s after four in a row", b.state())
	}
	attempt(t, b).settle(failure)
	if _, err := b.acquire(); b.state() != open || !errors.Is(err, errOpen) {
		t.Errorf("it is %s: %v", b.state(), err)
	}
}

func TestHalfOfTwentyOpensIt(t *testing.T) {
	for name, bad := range map[string]func(permit){
		"failed": func(p permit) { p.settle(failure) },
		"slow": func(p permit) {
			time.Sleep(usual.slowAfter + 1)
			p.settle(success)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBreaker(usual)
			for range usual.least/2 - 1 {
				attempt(t, b).settle(success)
				bad(attempt(t, b))
			}
			attempt(t, b).settle(success)
			if b.state() != closed {
				t.Fatalf("%s: it is %s after %d calls", name, b.state(), usual.least-1)
			}
			bad(attempt(t, b))
			if b.state() != open {
				t.Errorf("%s: it is %s after half of twenty", name, b.state())
			}
		})
	}
}

func opened(t *testing.T) *breaker {
	t.Helper()
	b := newBreaker(usual)
	for range usual.consecutive {
		attempt(t, b).settle(failure)
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
		if b.state() != halfOpen {
			t.Fatalf("it is %s", b.state())
		}
		each.settle(success)
		if _, err := b.acquire(); b.state() == halfOpen && err == nil {
			t.Error("a fourth probe passed after one had ended")
		}
	}
	if b.state() != closed {
		t.Errorf("it is %s", b.state())
	}
}

func TestAProbeThatFailsOpensItForLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := opened(t)
		first := time.Until(b.until)
		time.Sleep(first)
		attempt(t, b).settle(failure)
		// Jitter takes a fifth at most, so that twice as long is longer all the same.
		if second := time.Until(b.until); b.state() != open || second <= first || first > usual.open {
			t.Errorf("it is %s for %v after %v", b.state(), second, first)
		}
	})
}

func TestAnOutcomeOfAnEarlierStateIsPassedOver(t *testing.T) {
	b := newBreaker(usual)
	late := attempt(t, b)
	for range usual.consecutive {
		attempt(t, b).settle(failure)
	}
	b.expectRecovery()
	attempt(t, b)
	late.settle(failure)
	if b.state() != halfOpen {
		t.Errorf("it is %s", b.state())
	}
}

func TestProbesThatNeverEndDoNotKeepItHalfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := opened(t)
		b.expectRecovery()
		for range usual.probes {
			attempt(t, b)
		}
		time.Sleep(usual.probing)
		if _, err := b.acquire(); err == nil || b.state() != open {
			t.Errorf("it is %s, %v", b.state(), err)
		}
	})
}

func TestItWaitsForCallersThatComeSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := opened(t)
		b.expectRecovery()
		for range usual.probes {
			attempt(t, b).settle(success)
			time.Sleep(time.Minute)
		}
		if b.state() != closed {
			t.Errorf("it is %s", b.state())
		}
	})
}

func TestAnOperatorsWordCounts(t *testing.T) {
	b := newBreaker(usual)
	b.force(modes["open"])
	if _, err := b.acquire(); err == nil || b.state() != "forced_open" {
		t.Errorf("it is %s", b.state())
	}
	b.force(modes["closed"])
	for range 3 * usual.consecutive {
		attempt(t, b).settle(failure)
	}
	b.force(modes["auto"])
	if attempt(t, b); b.state() != closed {
		t.Errorf("it is %s", b.state())
	}
}

func TestEachChangeIsToldOnce(t *testing.T) {
	b := newBreaker(usual)
	var told []string
	b.listener = func(from, to string) { told = append(told, from+" "+b.state()+" "+to) }
	for range usual.consecutive {
		attempt(t, b).settle(failure)
	}
	b.expectRecovery()
	attempt(t, b).settle(failure)

	if expected := []string{"closed open open", "open half_open half_open", "half_open open open"}; !slices.Equal(told, expected) {
		t.Errorf("told %q", told)
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
				g.breaker = newBreaker(usual) // it would open meanwhile
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
