from collections.abc import Callable
from functools import partial
from threading import Barrier
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import pytest

from pillion.lab import measure
from pillion.lab.languages import Way
from pillion.lab.measure import Effort, Measurement
from pillion.lab.program import Absent, Checked, ProgramFailed
from pillion.lab.results import ModelResults
from pillion.lab.workspace import Workspace

EFFORT = Effort(rounds=3, sample_s=0.01, warm_s=0.001, call_s=1.0)
A_CALL = 2.0**-10
WARM = Effort(rounds=1, sample_s=10 * A_CALL, warm_s=100 * A_CALL, call_s=1.0)
EXPECTED = np.array([[0.25, 0.75], [0.5, 0.5]])
MODEL = SimpleNamespace(rows=2, expected=EXPECTED, types={"age": "double"}, outputs=("a", "b"), flat=None)


class FakeProgram:
    """Takes as long as it says for each row, and counts the samples that it gives."""

    def __init__(
        self, a_row: float, outputs: Any = EXPECTED, contracts: bool = False, ends_after: int | None = None
    ) -> None:
        self.a_row, self.outputs, self.contracts = a_row, outputs, contracts
        self.asked: list[tuple[int, int]] = []
        self.ends_after = ends_after
        self.ended = False

    def check(self, rows: int) -> Checked:
        return Checked(self.outputs[:rows], self.contracts)

    def time(self, rows: int, calls: int) -> float:
        self.asked.append((rows, calls))
        if self.ends_after is not None and len(self.asked) > self.ends_after:
            raise KeyboardInterrupt
        return self.a_row * rows * calls

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True


def _start(program: FakeProgram, _: Workspace) -> FakeProgram:
    return program


def run(
    ways: dict[str, FakeProgram],
    sizes: tuple[int, ...],
    found: ModelResults | None = None,
    effort: Effort = EFFORT,
    save: Callable[[], object] = lambda: None,
    jit: str = "",
) -> ModelResults:
    found = found or ModelResults("late", "d", {})
    workspace: Any = SimpleNamespace(model=MODEL)
    measurement = Measurement("language", workspace, found, "here", effort, save, lambda *_: None)
    measurement.run([Way(name, "", partial(_start, program), jit=jit) for name, program in ways.items()], sizes)
    return found


def test_all_points_have_a_sample_of_each_round() -> None:
    found = run({"C": FakeProgram(1e-6), "Go": FakeProgram(2e-6)}, (1, 10))

    assert {key[1:3]: len(point.seconds) for key, point in found.points.items()} == {
        ("C", 1): 3, ("Go", 1): 3, ("C", 10): 3, ("Go", 10): 3,
    }  # fmt: skip
    assert found.point("language", "Go", 10).median == pytest.approx(2e-5)


def test_ways_take_turns() -> None:
    order: list[float] = []

    class Noted(FakeProgram):
        def time(self, rows: int, calls: int) -> float:
            order.append(self.a_row)
            return super().time(rows, calls)

    run({"C": Noted(1.0), "Go": Noted(2.0)}, (1,), effort=Effort(2, 0.01, 0.0, 9.0))

    assert order == [1.0, 1.0, 2.0, 2.0, 1.0, 2.0]


def test_ways_start_side_by_side_and_all_have_started_before_the_first_is_timed() -> None:
    together = Barrier(2, timeout=30)
    checked: list[int] = []

    class Waits(FakeProgram):
        def check(self, rows: int) -> Checked:
            together.wait()
            checked.append(rows)
            return super().check(rows)

        def time(self, rows: int, calls: int) -> float:
            assert len(checked) == 2
            return super().time(rows, calls)

    found = run({"C": Waits(1e-6), "Go": Waits(1e-6)}, (1,))

    assert list(found.checks) == [("language", "C"), ("language", "Go")]


@pytest.mark.parametrize(("jit", "calls"), [("", 10), ("Java", 100)])
def test_what_is_compiled_as_it_runs_is_called_for_longer_before_it_is_timed(jit: str, calls: int) -> None:
    program = FakeProgram(A_CALL)

    run({"Java": program}, (1,), effort=WARM, jit=jit)

    assert sum(calls for _, calls in program.asked[:-1]) == calls


def test_what_several_ways_call_is_warmed_up_once() -> None:
    first, second = FakeProgram(A_CALL), FakeProgram(A_CALL)

    run({"Unix socket": first, "TCP": second}, (1,), effort=WARM, jit="the sidecar")

    assert [sum(calls for _, calls in each.asked[:-1]) for each in (first, second)] == [100, 10]


def test_all_programs_are_ended_where_a_run_is_killed() -> None:
    programs = {"C": FakeProgram(1e-3), "Go": FakeProgram(1e-3, ends_after=1)}

    with pytest.raises(KeyboardInterrupt):
        run(programs, (1,))

    assert all(program.ended for program in programs.values())


def test_a_killed_run_goes_on_with_what_is_missing() -> None:
    saved: list[dict[str, Any]] = []
    found = ModelResults("late", "d", {})
    with pytest.raises(KeyboardInterrupt):
        run({"C": FakeProgram(1e-3, ends_after=8)}, (1, 10), found, save=lambda: saved.append(found.to_json()))
    before = ModelResults.of_json(saved[-1])
    program = FakeProgram(1e-3)

    whole = run({"C": program}, (1, 10), before)

    assert 0 < sum(len(point["seconds"]) for point in saved[-1]["points"]) < 6
    assert {len(point.seconds) for point in whole.points.values()} == {3}
    assert program.asked != []
    again = FakeProgram(1e-3)
    run({"C": again}, (1, 10), whole)
    assert again.asked == []


def test_a_way_that_cannot_be_had_is_left_out_with_its_reason() -> None:
    def start(_: Workspace) -> FakeProgram:
        raise Absent("C needs gcc, and there is none on PATH")

    found = ModelResults("late", "d", {})
    workspace: Any = SimpleNamespace(model=MODEL)
    measurement = Measurement("language", workspace, found, "here", EFFORT, lambda: None, lambda *_: None)
    measurement.run([Way("C", "", start)], (1,))

    assert found.absent == {("language", "C"): "C needs gcc, and there is none on PATH"}
    assert found.points == {}


def test_a_call_that_would_take_too_long_is_left_out() -> None:
    found = run({"plain Python": FakeProgram(1e-3)}, (1, 10, 10_000))

    assert "a call would take more than the 1 s" in found.omitted["language", "plain Python", 10_000]
    assert found.sizes("language") == [1, 10]


def test_a_point_whose_first_call_takes_too_long_is_left_out() -> None:
    program = FakeProgram(2e-3)

    found = run({"JSON": program}, (1, 900, 1_000, 9_000))

    why = "a call took 1.8 s, and it may take 1 s"
    more = f"900 rows were left out: {why}"
    assert [found.omitted["language", "JSON", rows] for rows in (900, 1_000, 9_000)] == [why, more, more]
    assert found.sizes("language") == [1]
    assert max(program.asked)[0] == 900


def test_a_batch_that_memory_cannot_hold_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "available_memory", lambda: 1 << 20)
    found = run({"C": FakeProgram(1e-9)}, (1, 100_000))

    assert "GiB are free" in found.omitted["language", "C", 100_000]


def test_memory_that_the_batches_themselves_take_ends_no_point(monkeypatch: pytest.MonkeyPatch) -> None:
    free = iter([1 << 40])
    monkeypatch.setattr(measure, "available_memory", lambda: next(free, 1 << 20))
    found = run({"C": FakeProgram(1e-9)}, (100_000,))

    assert found.omitted == {}
    assert len(found.point("language", "C", 100_000).seconds) == 3


def test_a_program_that_ends_is_named_and_the_others_go_on() -> None:
    class Ends(FakeProgram):
        def time(self, rows: int, calls: int) -> float:
            raise ProgramFailed("the program ended with 4: it said nothing")

    found = run({"C": Ends(1e-6), "Go": FakeProgram(1e-6)}, (1,))

    assert found.omitted == {("language", "C", 1): "the program ended with 4: it said nothing"}
    assert found.ways("language") == ["Go"]


def test_other_outputs_and_a_contracting_compiler_are_seen() -> None:
    found = run({"C": FakeProgram(1e-6, outputs=EXPECTED + 1e-9, contracts=True)}, (1,))

    check = found.checks["language", "C"]
    assert (check.exact, check.contracts) == (False, True)
    assert "the compiler contracts to FMA" in check.sentence
