"""Traces of a breaker: what was done to it, when, and what came of it, step by step, for breakers in any language.

A trace is a line of JSON: the `rules` of the breaker, times in milliseconds, and its `steps`. A step is what was done,
a number, and how the breaker was after it: its state, and the calls of its window, how many failed, and how many were
slow.

- `wait 30`: that many milliseconds pass.
- `acquire 1`: a call asks for a permit, and gets it; with 0 it is refused.
- `succeed 4`, `fail 4`, `release 4`: the permit that was given after four others is settled.
- `force_open 0`, `metrics_only 0`, `reset 0`: an operator's word.
- `expect_recovery 0`: somebody saw the dependency answer.
"""

import json
import random
from dataclasses import asdict, dataclass

from pillion.resilience import Breaker, BreakerOpen, BreakerSettings, Permit

START_MS = 1_000_000
GRID_MS = 10
"""Moments are whole multiples of it; thresholds are not."""
_NEVER_MS = 10**9


class MillisClock:
    """A clock in whole milliseconds, so that no rounding can part two breakers."""

    def __init__(self) -> None:
        self.ms = START_MS

    def monotonic(self) -> float:
        """Returns the reading in seconds."""
        return self.ms / 1000


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of a trace, in units that every breaker takes."""

    failure_percent: int
    slow_percent: int
    slow_ms: int
    window_s: int
    minimum: int
    open_ms: int
    open_max_ms: int
    probes: int
    consecutive: int | None = None
    probing_ms: int = _NEVER_MS

    def settings(self) -> BreakerSettings:
        """Returns them for our breaker."""
        return BreakerSettings(
            consecutive_failures=self.consecutive,
            failure_rate=self.failure_percent / 100,
            slow_rate=self.slow_percent / 100,
            slow_call_s=self.slow_ms / 1000,
            window_buckets=self.window_s,
            window_bucket_s=1.0,
            minimum_calls=self.minimum,
            open_s=self.open_ms / 1000,
            open_max_s=self.open_max_ms / 1000,
            open_jitter=0.0,
            probes=self.probes,
            probing_s=self.probing_ms / 1000,
        )


class Recorder:
    """A breaker of ours that has what is done to it written down.

    Args:
        rules: The breaker's.

    Attributes:
        steps: What was done, and what came of it.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.clock = MillisClock()
        self.breaker = Breaker("recorded", rules.settings(), clock=self.clock)
        self.steps: list[str] = []
        self._permits: list[Permit] = []

    def wait(self, ms: int) -> None:
        """Lets milliseconds pass."""
        self.clock.ms += ms
        self._note(f"wait {ms}")

    def acquire(self) -> int | None:
        """Asks for a permit; returns its number, None where it is refused."""
        try:
            self._permits.append(self.breaker.acquire())
        except BreakerOpen:
            self._note("acquire 0")
            return None
        self._note("acquire 1")
        return len(self._permits) - 1

    def settle(self, permit: int, how: str) -> None:
        """Settles a permit: `succeed`, `fail` or `release`."""
        getattr(self._permits[permit], how)()
        self._note(f"{how} {permit}")

    def operate(self, what: str) -> None:
        """Calls `force_open`, `metrics_only`, `reset` or `expect_recovery`."""
        getattr(self.breaker, what)()
        self._note(f"{what} 0")

    def replay(self, step: str) -> None:
        """Does once more what a step says."""
        word, number, *_ = step.split()
        if word == "wait":
            self.wait(int(number))
        elif word == "acquire":
            self.acquire()
        elif word in ("succeed", "fail", "release"):
            self.settle(int(number), word)
        else:
            self.operate(word)

    def line(self) -> str:
        """Returns the trace as a line of JSON."""
        return json.dumps({"rules": asdict(self.rules), "steps": self.steps}, separators=(",", ":")) + "\n"

    def _note(self, step: str) -> None:
        seen = self.breaker.snapshot()
        counts = seen.window
        self.steps.append(f"{step} {seen.state.value} {counts.calls} {counts.failures} {counts.slow}")


def of_our_own(seed: int, steps: int) -> Recorder:
    """Returns a trace by all of our rules, with outcomes that come after a change of state.

    Args:
        seed: Determines rules and steps.
        steps: How many.
    """
    chance = random.Random(seed)
    rules = Rules(
        failure_percent=50, slow_percent=50, slow_ms=25, window_s=chance.choice([2, 10]),
        minimum=chance.choice([4, 20]), open_ms=253, open_max_ms=1013, probes=3,
        consecutive=chance.choice([3, 5]), probing_ms=1003,
    )  # fmt: skip
    made, held = Recorder(rules), list[int]()
    bias = chance.choice([0.1, 0.5, 0.9])
    while len(made.steps) < steps:
        step = chance.random()
        if step < 0.25:
            made.wait(chance.choice([1, 1, 2, 3, 26, 101, 250]) * GRID_MS)
        elif step < 0.60:
            if (permit := made.acquire()) is not None:
                held.append(permit)
        elif step < 0.95:
            if held:
                failed = chance.random() < bias
                how = "release" if chance.random() < 0.1 else "fail" if failed else "succeed"
                made.settle(held.pop(chance.randrange(len(held))), how)
        else:
            made.operate(chance.choice(["expect_recovery", "expect_recovery", "force_open", "metrics_only", "reset"]))
            if chance.random() < 0.7 and made.breaker.state.value in ("forced_open", "metrics_only"):
                made.operate("reset")
    return made
