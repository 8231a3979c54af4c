"""The supervisor: what dies is started again, after pauses that grow while it does not last, with a line each time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from pillion.cli.supervisor import Supervisor
from pillion.errors import ConfigurationError


@dataclass
class Program:
    """Runs for so many seconds each time, then ends with a code; some starts fail."""

    runs: Iterator[tuple[float, int]]
    failing: list[int] = field(default_factory=list)
    now_s: float = 0.0
    starts: int = 0
    failure: Exception = field(default_factory=lambda: ConfigurationError("the port is in use"))

    def wait(self) -> int:
        lasted_s, code = next(self.runs)
        self.now_s += lasted_s
        return code

    def restart(self) -> None:
        self.starts += 1
        if self.starts in self.failing:
            raise self.failure

    def clock(self) -> float:
        return self.now_s


def supervise(program: Program, pauses: int) -> tuple[list[str], list[float]]:
    """Lets the supervisor work for so many pauses."""
    lines: list[str] = []
    paused: list[float] = []

    def pause(seconds: float) -> bool:
        paused.append(seconds)
        return len(paused) == pauses

    Supervisor(lines.append, pause, program.clock).keep("store", "nobody is known", program.wait, program.restart)
    return lines, paused


def test_what_dies_is_started_again_and_a_line_says_so() -> None:
    lines, _ = supervise(Program(iter([(5.0, -9), (5.0, 3)])), 2)

    assert lines == [
        "the store was ended by SIGKILL; it is started again in 0.5 s",
        "the store is back",
        "the store ended with exit status 3; it is started again in 1 s",
    ]


def test_the_pause_grows_to_half_a_minute_and_is_short_again_after_a_minute_of_running() -> None:
    _, paused = supervise(Program(iter([*[(1.0, 1)] * 8, (60.0, 1)])), 9)

    assert paused == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 0.5]


def test_a_start_that_fails_is_tried_again_and_the_reason_said() -> None:
    lines, paused = supervise(Program(iter([(5.0, 1), (5.0, 1)]), failing=[1, 2]), 4)

    assert paused == [0.5, 1.0, 2.0, 4.0]
    assert lines[1:4] == [
        "the store does not start: the port is in use; it is tried again in 1 s",
        "the store does not start: the port is in use; it is tried again in 2 s",
        "the store is back",
    ]


def test_a_process_that_does_not_come_back_is_said_once_with_what_to_do() -> None:
    lines, paused = supervise(Program(iter([(5.0, 1), (70.0, 1)]), failing=list(range(1, 10))), 9)

    (advice,) = [line for line in lines if "nobody is known" in line]
    assert paused[lines.index(advice) - 1] == 30.0
    assert "Mend what the lines above name" in advice


def test_it_is_said_again_after_it_has_lasted() -> None:
    lines, _ = supervise(Program(iter([(1.0, 1)] * 7 + [(60.0, 1)] + [(1.0, 1)] * 7)), 15)

    assert len([line for line in lines if "nobody is known" in line]) == 2


@pytest.mark.parametrize(
    ("failure", "reason"), [(RuntimeError("no room"), "no room"), (AssertionError(), "AssertionError")]
)
def test_no_failure_of_a_start_ends_the_watch(failure: Exception, reason: str) -> None:
    lines, _ = supervise(Program(iter([(5.0, 1), (5.0, 1)]), failing=[1], failure=failure), 3)

    assert lines[1:3] == [f"the store does not start: {reason}; it is tried again in 1 s", "the store is back"]


@pytest.mark.parametrize("ended_in", ["wait", "pause"])
def test_nothing_is_started_again_once_it_is_to_end(ended_in: str) -> None:
    lines: list[str] = []
    program = Program(iter([(5.0, 0)]))
    pause: Callable[[float], bool] | None = None
    supervisor = Supervisor(lines.append, pause, program.clock)

    def wait() -> int:
        if ended_in == "wait":
            supervisor.end()
        return program.wait()

    def tell(line: str) -> None:
        lines.append(line)
        supervisor.end()

    supervisor._tell = tell
    supervisor.keep("store", "nobody is known", wait, program.restart)

    assert program.starts == 0
    assert len(lines) == (0 if ended_in == "wait" else 1)
