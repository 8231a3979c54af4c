package recommend

import (
	"errors"
	"sync"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// breaker is a circuit breaker of failsafe-go with three rules: five failed attempts in a row, half of at least twenty in ten
// seconds failed, or half of them slow. It stays open for 250 ms, and twice as long after each failed probing, 5 s at most.
type breaker struct {
	slowFrom time.Duration
	states   circuitbreaker.CircuitBreaker[any] // counts failures
	slow     circuitbreaker.CircuitBreaker[any] // counts slow attempts, and is only looked at

	mu          sync.Mutex
	forced      string // "open" or "closed" by an operator
	consecutive int
	openings    int // without a closing in between
	openUntil   time.Time
	halfOpened  time.Time
	generation  int
	changes     []func(from, to string)
}

const (
	consecutiveFailures = 5
	tripShare           = 0.5
	tripCalls           = 20
	tripWindow          = 10 * time.Second
	shortestOpen        = time.Millisecond
	firstOpen           = 250 * time.Millisecond
	longestOpen         = 5 * time.Second
	openJitter          = 0.2
	probingCalls        = 3
	longestProbing      = time.Second
)

var errOpen = errors.New("the breaker is open")

func newBreaker(slowFrom time.Duration) *breaker {
	made := &breaker{slowFrom: slowFrom}
	made.states = circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(tripShare, tripCalls, tripWindow).
		WithSuccessThreshold(probingCalls).
		WithDelay(shortestOpen). // openUntil says how long it is
		OnStateChanged(made.changed).
		Build()
	made.slow = circuitbreaker.NewBuilder[any]().WithFailureRateThreshold(tripShare, tripCalls, tripWindow).Build()
	return made
}

// permit is leave for one attempt. The outcome of an attempt that began in another state is passed over.
type permit struct {
	breaker    *breaker
	generation int
}

func (b *breaker) changed(event circuitbreaker.StateChangedEvent) {
	b.mu.Lock()
	b.generation++
	b.consecutive = 0
	switch event.NewState {
	case circuitbreaker.OpenState:
		wait := min(firstOpen<<min(b.openings, 10), longestOpen)
		wait -= time.Duration(chance() * openJitter * float64(wait))
		b.openings++
		b.openUntil = time.Now().Add(wait)
	case circuitbreaker.HalfOpenState:
		b.halfOpened = time.Now()
	case circuitbreaker.ClosedState:
		b.openings = 0
	}
	listeners := b.changes
	b.mu.Unlock()
	for _, listener := range listeners {
		listener(stateName(event.OldState), stateName(event.NewState))
	}
}

func stateName(state circuitbreaker.State) string {
	return map[circuitbreaker.State]string{
		circuitbreaker.ClosedState: "closed", circuitbreaker.OpenState: "open", circuitbreaker.HalfOpenState: "half_open",
	}[state]
}

// acquire returns a permit, or an error while the breaker is open or has as many probes as it allows.
func (b *breaker) acquire() (permit, error) {
	b.mu.Lock()
	forced, early := b.forced, time.Now().Before(b.openUntil)
	b.mu.Unlock()
	switch {
	case forced == "closed":
		return permit{b, -1}, nil
	case forced == "open", early && b.states.IsOpen():
		return permit{}, errOpen
	case b.states.TryAcquirePermit():
		b.mu.Lock()
		defer b.mu.Unlock()
		return permit{b, b.generation}, nil
	}
	b.mu.Lock()
	stuck := time.Since(b.halfOpened) > longestProbing
	b.mu.Unlock()
	if stuck && b.states.IsHalfOpen() {
		// Probes that ended without an outcome have kept their permits.
		b.states.Open()
	}
	return permit{}, errOpen
}

func (p permit) isCurrent() bool {
	p.breaker.mu.Lock()
	defer p.breaker.mu.Unlock()
	return p.generation == p.breaker.generation
}

func (p permit) succeed(took time.Duration) {
	if !p.isCurrent() {
		return
	}
	b := p.breaker
	b.mu.Lock()
	b.consecutive = 0
	b.mu.Unlock()
	b.states.RecordSuccess()
	p.noteTime(took)
}

func (p permit) noteTime(took time.Duration) {
	b := p.breaker
	if took < b.slowFrom {
		b.slow.RecordSuccess()
		return
	}
	b.slow.RecordFailure()
	if b.slow.IsOpen() {
		b.slow.Close()
		if b.states.IsClosed() {
			b.states.Open()
		}
	}
}

func (p permit) fail() {
	if !p.isCurrent() {
		return
	}
	b := p.breaker
	b.states.RecordFailure()
	b.mu.Lock()
	b.consecutive++
	trips := b.consecutive >= consecutiveFailures
	b.mu.Unlock()
	if trips && b.states.IsClosed() {
		b.states.Open()
	}
}

// expectRecovery has the next calls be probes, since the dependency was found to be back.
func (b *breaker) expectRecovery() {
	if b.states.IsOpen() {
		b.states.HalfOpen()
	}
}

// state returns "closed", "open" or "half_open", or what an operator forced.
func (b *breaker) state() string {
	b.mu.Lock()
	forced := b.forced
	b.mu.Unlock()
	switch forced {
	case "open":
		return "forced_open"
	case "closed":
		return "metrics_only"
	}
	return stateName(b.states.State())
}

// force has every call refused ("open"), let through ("closed"), or judged by the rules again ("auto").
func (b *breaker) force(mode string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forced = mode
	if mode == "auto" {
		b.forced = ""
	}
}

func (b *breaker) onChange(listener func(from, to string)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changes = append(b.changes, listener)
}

func (b *breaker) consecutiveNow() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.consecutive
}
