package recommend

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/bulkhead"

	"pillion.example/pillion"
)

// guard is what every call to one dependency goes through: retry → breaker → bulkhead → attempt timeout → call.
//
// Retry stands outside the breaker, so each attempt is a sample, and a breaker that opens ends the retries.
type guard struct {
	name     string
	limits   Dependency
	breaker  *breaker
	bulkhead bulkhead.Bulkhead[any]
	budget   *retryBudget

	inFlight  atomic.Int64
	busy      atomic.Int64
	retries   atomic.Int64
	probes    atomic.Int64
	succeeded atomic.Int64
	failed    atomic.Int64
	neutral   atomic.Int64
	refused   atomic.Int64
}

const (
	shortestGap = time.Millisecond
	longestGap  = 5 * time.Millisecond
)

func newGuard(name string, limits Dependency, budget *retryBudget) *guard {
	return &guard{
		name: name, limits: limits, breaker: newBreaker(usualRules(limits.Slow)), budget: budget,
		bulkhead: bulkhead.New[any](limits.AtOnce),
	}
}

// call makes a call under every protection. The context's deadline is that of the request, less the reserve.
func (g *guard) call(ctx context.Context, fn func(context.Context) error) error {
	g.budget.deposit()
	err := g.attempt(ctx, fn)
	if !g.mayRetry(ctx, err) || !pause(ctx, shortestGap+rand.N(longestGap-shortestGap)) {
		return err
	}
	g.retries.Add(1)
	return g.attempt(ctx, fn)
}

// mayRetry says whether nothing was processed, another attempt fits into the time, and the budget pays for it.
func (g *guard) mayRetry(ctx context.Context, err error) bool {
	var said *pillion.Error
	if !errors.As(err, &said) || !said.Retryable {
		return false
	}
	end, has := ctx.Deadline()
	return (!has || time.Until(end) > longestGap+g.limits.Slow) && g.budget.withdraw()
}

func (g *guard) attempt(ctx context.Context, fn func(context.Context) error) error {
	end, has := ctx.Deadline()
	left := time.Until(end)
	if has && left <= 0 {
		return pillion.NewError(pillion.ErrDeadline, pillion.CodeDeadline, g.name+": no time is left for a call", context.DeadlineExceeded)
	}
	permit, err := g.breaker.acquire()
	if err != nil {
		g.refused.Add(1)
		return pillion.NewError(pillion.ErrBreakerOpen, g.name+"_breaker_open", "the breaker of the "+g.name+" is open", err)
	}
	if !g.bulkhead.TryAcquirePermit() {
		permit.settle(neutral)
		g.busy.Add(1)
		return pillion.NewError(pillion.ErrUnavailable, g.name+"_busy", "as many calls of the "+g.name+" as may be are under way", nil)
	}
	g.inFlight.Add(1)
	defer func() {
		g.inFlight.Add(-1)
		g.bulkhead.ReleasePermit()
	}()
	hadFullTime := !has || left >= g.limits.Timeout
	inner, cancel := context.WithTimeout(ctx, g.limits.Timeout)
	defer cancel()
	err = fn(inner)
	how, err := g.judge(ctx, err, hadFullTime)
	permit.settle(how)
	return err
}

// judge returns what an attempt says of the dependency, and what the caller learns.
func (g *guard) judge(ctx context.Context, err error, hadFullTime bool) (verdict, error) {
	var said *pillion.Error
	switch {
	case err == nil:
		g.succeeded.Add(1)
		return success, nil
	case errors.Is(ctx.Err(), context.Canceled),
		// A client's short deadline must not trip a healthy dependency.
		errors.Is(err, pillion.ErrDeadline) && !hadFullTime,
		errors.As(err, &said) && (errors.Is(said.Kind, pillion.ErrInvalid) || said.Code == "corrupt_record"):
		g.neutral.Add(1)
		return neutral, err
	}
	g.failed.Add(1)
	if errors.Is(err, pillion.ErrDeadline) {
		err = pillion.NewError(pillion.ErrDeadline, g.name+"_timeout", g.name+": no answer in "+g.limits.Timeout.String(), err)
	}
	return failure, err
}

// reason returns the stable code that an answer gives; empty for an error that no dependency should return.
func (g *guard) reason(err error) string {
	var said *pillion.Error
	if !errors.As(err, &said) || said.Code == pillion.CodeInvalidInput {
		return ""
	}
	if said.Code == pillion.CodeDeadline || strings.HasPrefix(said.Code, g.name) || said.Code == "corrupt_record" {
		return said.Code
	}
	return ""
}

// retryBudget pays for retries: each call pays a fraction of a token in, each retry takes a whole one.
type retryBudget struct {
	mu     sync.Mutex
	tokens int // in thousandths
}

const (
	oneToken   = 1000
	tokenShare = 200 // a fifth
	mostTokens = 10 * oneToken
)

func (b *retryBudget) deposit() {
	b.mu.Lock()
	b.tokens = min(mostTokens, b.tokens+tokenShare)
	b.mu.Unlock()
}

func (b *retryBudget) withdraw() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < oneToken {
		return false
	}
	b.tokens -= oneToken
	return true
}

func (b *retryBudget) left() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return float64(b.tokens) / oneToken
}

func chance() float64 { return rand.Float64() }
