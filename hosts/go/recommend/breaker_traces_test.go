package recommend

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// recorded is a trace of the shim's breaker, whose form tools/oracle/traces.py describes; half of them agree with Resilience4j's.
type recorded struct {
	Rules struct {
		Failed      float64 `json:"failure_percent"`
		Slow        float64 `json:"slow_percent"`
		SlowAfter   int64   `json:"slow_ms"`
		Seconds     int     `json:"window_s"`
		Least       int     `json:"minimum"`
		Open        int64   `json:"open_ms"`
		LongestOpen int64   `json:"open_max_ms"`
		Probes      int     `json:"probes"`
		Consecutive int     `json:"consecutive"`
		Probing     int64   `json:"probing_ms"`
	}
	Steps []string
}

func (r *recorded) rules() rules {
	of := &r.Rules
	milliseconds := func(count int64) time.Duration { return time.Duration(count) * time.Millisecond }
	return rules{
		consecutive: of.Consecutive, failed: of.Failed / 100, slow: of.Slow / 100, slowAfter: milliseconds(of.SlowAfter),
		least: of.Least, seconds: of.Seconds, open: milliseconds(of.Open), longestOpen: milliseconds(of.LongestOpen),
		probes: of.Probes, probing: milliseconds(of.Probing),
	}
}

func TestRecordedTracesComeOutTheSame(t *testing.T) {
	file, err := os.Open("../../../tests/golden/breaker/traces.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	count := 0
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for ; lines.Scan(); count++ {
		var trace recorded
		if err := json.Unmarshal(lines.Bytes(), &trace); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprint(count), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { replay(t, &trace) })
		})
	}
	if err := lines.Err(); err != nil || count < 40 {
		t.Errorf("%d traces: %v", count, err)
	}
}

// replay does on a fake clock what was done, and stops at the first difference.
func replay(t *testing.T, trace *recorded) {
	b := newBreaker(trace.rules())
	var permits []permit
	operations := map[string]func(){
		"force_open":      func() { b.force(forcedOpen) },
		"metrics_only":    func() { b.force(metricsOnly) },
		"reset":           func() { b.force(closed) },
		"expect_recovery": b.expectRecovery,
	}
	verdicts := map[string]verdict{"succeed": success, "fail": failure, "release": neutral}
	for at, step := range trace.Steps {
		var word, state string
		var number int
		var expected counts
		if _, err := fmt.Sscan(step, &word, &number, &state, &expected.calls, &expected.failed, &expected.slow); err != nil {
			t.Fatal(err)
		}
		switch how, settles := verdicts[word]; {
		case word == "wait":
			time.Sleep(time.Duration(number) * time.Millisecond)
		case word == "acquire":
			made, err := b.acquire()
			if (err == nil) != (number == 1) {
				t.Fatalf("step %d, %s: %v", at, step, err)
			}
			if err == nil {
				permits = append(permits, made)
			}
		case settles:
			permits[number].settle(how)
		default:
			operations[word]()
		}
		if got, counted, _ := b.look(); got != state || counted != expected {
			t.Fatalf("step %d, %s: it is %s with %+v", at, step, got, counted)
		}
	}
}
