package recommend

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// breaker is a circuit breaker that hands out permits, by the rules of the shim's:
//
//	         5 failures in a row, or ≥ 20 calls in 10 s of which half failed or were slow
//	closed ──────────────────────────────────────────────────────────────────────────────→ open ←─┐
//	  ↑                                            the interval has passed: first acquire │       │
//	  └── all 3 probes succeeded, fewer than half slow ─────────────────────── half_open ←┘       │
//	                                                                               └──────────────┘
//	                                                a probe failed, half were slow, or one took 1 s
//
// While no probe is out, half_open waits for callers, however few come. A permit belongs to the state that gave it: outcomes that come after a change are passed over. All times are of the monotonic
// clock, and the lock is held for arithmetic alone.
type breaker struct {
	rules rules
	// listener is told of each change, where there is one; it is set before the first call.
	listener func(from, to string)

	mu          sync.Mutex
	current     string // its state
	generation  int
	window      window
	consecutive int
	wait        time.Duration // the next open interval
	until       time.Time     // when open ends
	left        int           // probes that may still be made
	out         []time.Time   // when the probes began that are not settled, in this order
	succeeded   int           // probes
	slow        int           // of these
	changes     [][2]string   // that nobody was told of
}

// rules are the thresholds and times of a breaker.
type rules struct {
	consecutive int           // failures in a row that open it; 0 for no such rule
	failed      float64       // the share of a window's calls that opens it
	slow        float64       // the same, of slow ones
	slowAfter   time.Duration // an attempt that took longer is slow, failed or not
	least       int           // calls in a window, below which no share counts
	seconds     int           // of a window
	open        time.Duration // the first interval; each one after a failed probing is twice as long
	longestOpen time.Duration
	jitter      float64 // the share of an interval that chance may cut off
	probes      int
	probing     time.Duration // of a probe, the longest
}

func usualRules(slowAfter time.Duration) rules {
	return rules{
		consecutive: 5, failed: 0.5, slow: 0.5, slowAfter: slowAfter, least: 20, seconds: 10,
		open: 250 * time.Millisecond, longestOpen: 5 * time.Second, jitter: 0.2, probes: 3, probing: time.Second,
	}
}

// The states. An operator brings about the last two, which last until another word of his.
const (
	closed      = "closed"
	open        = "open"
	halfOpen    = "half_open"
	forcedOpen  = "forced_open"
	metricsOnly = "metrics_only"
)

var errOpen = errors.New("the breaker is open")

func newBreaker(by rules) *breaker {
	return &breaker{rules: by, current: closed, window: newWindow(by.seconds), wait: by.open}
}

// permit is leave for one attempt; it is settled once.
type permit struct {
	breaker    *breaker
	generation int
	started    time.Time
}

type verdict int

const (
	success verdict = iota
	failure
	// neutral says nothing of the dependency: the attempt was given up, or refused further down.
	neutral
)

// locked does arithmetic, and tells of the changes of state that it made.
func (b *breaker) locked(work func(at time.Time)) {
	b.mu.Lock()
	at := time.Now()
	if b.current == halfOpen && len(b.out) > 0 {
		if end := b.out[0].Add(b.rules.probing); !at.Before(end) {
			b.trip(end) // as if a timer had fired
		}
	}
	work(at)
	changes := b.changes
	b.changes = nil
	b.mu.Unlock()
	if b.listener != nil {
		for _, change := range changes {
			b.listener(change[0], change[1])
		}
	}
}

// acquire returns a permit, or an error where calls are refused now.
func (b *breaker) acquire() (permit, error) {
	made, err := permit{}, errOpen
	b.locked(func(at time.Time) {
		if b.current == open && !at.Before(b.until) {
			b.enter(halfOpen, at)
		}
		switch b.current {
		case open, forcedOpen:
			return
		case halfOpen:
			if b.left == 0 {
				return
			}
			b.left--
			b.out = append(b.out, at)
		}
		made, err = permit{b, b.generation, at}, nil
	})
	return made, err
}

// settle says how an attempt ended.
func (p permit) settle(how verdict) {
	b := p.breaker
	b.locked(func(at time.Time) {
		if p.generation != b.generation {
			return
		}
		if b.current == halfOpen {
			if which := slices.IndexFunc(b.out, p.started.Equal); which >= 0 {
				b.out = slices.Delete(b.out, which, which+1)
			}
		}
		switch {
		case how == neutral && b.current == halfOpen:
			b.left++
		case how != neutral:
			b.record(at, how == failure, at.Sub(p.started) > b.rules.slowAfter)
		}
	})
}

func (b *breaker) record(at time.Time, failed, slow bool) {
	counted := b.window.record(at, failed, slow)
	b.consecutive++
	if !failed {
		b.consecutive = 0
	}
	switch b.current {
	case closed:
		if b.trips(counted) {
			b.trip(at)
		}
	case halfOpen:
		b.judge(at, failed, slow)
	}
}

func (b *breaker) trips(counted counts) bool {
	calls := float64(counted.calls)
	return (b.rules.consecutive > 0 && b.consecutive >= b.rules.consecutive) ||
		(counted.calls >= b.rules.least &&
			(float64(counted.failed)/calls >= b.rules.failed || float64(counted.slow)/calls >= b.rules.slow))
}

func (b *breaker) judge(at time.Time, failed, slow bool) {
	if failed {
		b.trip(at)
		return
	}
	b.succeeded++
	if slow {
		b.slow++
	}
	switch {
	case b.succeeded < b.rules.probes:
	case float64(b.slow)/float64(b.succeeded) >= b.rules.slow:
		b.trip(at)
	default:
		b.wait = b.rules.open
		b.enter(closed, at)
	}
}

// trip opens it.
func (b *breaker) trip(at time.Time) {
	b.enter(open, at)
	b.until = at.Add(b.wait - time.Duration(chance()*b.rules.jitter*float64(b.wait)))
	b.wait = min(2*b.wait, b.rules.longestOpen)
}

func (b *breaker) enter(state string, at time.Time) {
	if state != b.current {
		b.changes = append(b.changes, [2]string{b.current, state})
	}
	b.current = state
	b.generation++
	b.left, b.succeeded, b.slow, b.out = 0, 0, 0, nil
	if state != open {
		b.window.clear()
		b.consecutive = 0
	}
	if state == halfOpen {
		b.left = b.rules.probes
	}
}

// expectRecovery has the next calls be probes, since the dependency was found to be back.
func (b *breaker) expectRecovery() {
	b.locked(func(at time.Time) {
		if b.current == open {
			b.until, b.wait = at, b.rules.open
		}
	})
}

// modes are an operator's words: every call is refused, let through, or judged by the rules anew.
var modes = map[string]string{"open": forcedOpen, "closed": metricsOnly, "auto": closed}

// force puts it into a state of modes.
func (b *breaker) force(state string) {
	b.locked(func(at time.Time) {
		if state == closed || state != b.current {
			b.wait = b.rules.open
			b.enter(state, at)
		}
	})
}

// look returns its state, what the window has, and how many attempts failed in a row.
func (b *breaker) look() (state string, counted counts, consecutive int) {
	b.locked(func(at time.Time) { state, counted, consecutive = b.current, b.window.slide(at), b.consecutive })
	return state, counted, consecutive
}

func (b *breaker) state() string {
	state, _, _ := b.look()
	return state
}
