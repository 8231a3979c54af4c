"""A run of the matrix in pieces: what was run is kept, and not run again."""

from pathlib import Path

from tools.chaos.state import State

CELLS = [{"kind": "refuse", "target": target} for target in ("store", "both", "sidecar")]
PLAN = [("refuse", "store"), ("refuse", "sidecar"), ("refuse", "both"), ("reset", "store")]


def test_a_second_piece_goes_on_where_the_first_one_stopped(tmp_path: Path) -> None:
    first = State.open(tmp_path / "build/cells.json", 100, False)
    first.capacity_per_s, first.per_s = 80.0, 40.0
    for cell in CELLS:
        first.add(cell)

    second = State.open(tmp_path / "build/cells.json", 100, False)

    assert (second.capacity_per_s, second.per_s, second.cells) == (80.0, 40.0, CELLS)
    assert [second.has(*place) for place in PLAN] == [True, True, True, False]
    assert second.ordered(PLAN) == [CELLS[0], CELLS[2], CELLS[1]]
    second.remove()
    assert State.open(tmp_path / "build/cells.json", 100, False).cells == []


def test_another_number_of_requests_or_other_deadlines_start_anew(tmp_path: Path) -> None:
    State.open(tmp_path / "cells.json", 100, False).add(CELLS[0])

    assert State.open(tmp_path / "cells.json", 200, False).cells == []
    assert State.open(tmp_path / "cells.json", 100, True).cells == []
