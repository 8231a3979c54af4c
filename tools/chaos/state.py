"""What is known of a run of the matrix so far, in a file, so that it can be run in pieces."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self


@dataclass(slots=True)
class State:
    """Cells that were run, with what they must have in common.

    Attributes:
        path: The file; None keeps nothing.
        requests: A cell.
        patient: Whether the deadlines are long.
        capacity_per_s: Online answers a second, as measured by the first piece; 0 before.
        per_s: Requests sent a second; 0 before.
        cells: Of the matrix, as JSON.
    """

    path: Path | None
    requests: int
    patient: bool
    capacity_per_s: float = 0.0
    per_s: float = 0.0
    cells: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path | None, requests: int, patient: bool) -> Self:
        """Reads what an earlier run of the same kind left; starts anew where there was none or it was another kind."""
        state = cls(path, requests, patient)
        if path is not None and path.is_file():
            found = json.loads(path.read_text())
            if (found["requests"], found["patient"]) == (requests, patient):
                state.capacity_per_s, state.per_s = found["capacity_per_s"], found["per_s"]
                state.cells = found["cells"]
        return state

    def has(self, kind: str, target: str) -> bool:
        """Whether a cell was run."""
        return any((cell["kind"], cell["target"]) == (kind, target) for cell in self.cells)

    def add(self, cell: dict[str, Any]) -> None:
        """Keeps a cell."""
        self.cells.append(cell)
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            names = ("requests", "patient", "capacity_per_s", "per_s", "cells")
            whole = self.path.with_suffix(".part")
            whole.write_text(json.dumps({name: getattr(self, name) for name in names}) + "\n")
            whole.replace(self.path)

    def ordered(self, plan: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        """Returns the cells that were run, in the order of a plan."""
        found = {(cell["kind"], cell["target"]): cell for cell in self.cells}
        return [found[place] for place in plan if place in found]

    def remove(self) -> None:
        """Forgets a run that is complete."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)
