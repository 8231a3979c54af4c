package recommend

import "time"

// counts are calls, and how many of them failed or were slow.
type counts struct{ calls, failed, slow int }

// window counts the calls of the last seconds, second by second of the monotonic clock.
type window struct {
	began  time.Time // a second begins then
	ring   []counts
	newest int // second
	all    counts
}

func newWindow(seconds int) window { return window{began: time.Now(), ring: make([]counts, seconds)} }

// record counts a call whose outcome came, and returns what the window has then.
func (w *window) record(at time.Time, failed, slow bool) counts {
	w.slide(at)
	for _, each := range []*counts{&w.ring[w.newest%len(w.ring)], &w.all} {
		each.calls++
		if failed {
			each.failed++
		}
		if slow {
			each.slow++
		}
	}
	return w.all
}

// slide forgets the seconds that left the window, and returns what it has.
func (w *window) slide(at time.Time) counts {
	newest := max(w.newest, int(at.Sub(w.began)/time.Second))
	for second := max(w.newest, newest-len(w.ring)) + 1; second <= newest; second++ {
		gone := &w.ring[second%len(w.ring)]
		w.all.calls -= gone.calls
		w.all.failed -= gone.failed
		w.all.slow -= gone.slow
		*gone = counts{}
	}
	w.newest = newest
	return w.all
}

// clear forgets every call.
func (w *window) clear() {
	clear(w.ring)
	w.all = counts{}
}
