"""The page "Failure modes" has every cell of the matrix."""

import pytest

from tools.chaos.kinds import KINDS, TARGETS, Kind
from tools.checkout import ROOT

PAGE = (ROOT / "docs/failure-modes.md").read_text()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_fault_is_shown_at_every_target(kind: Kind) -> None:
    section = PAGE.partition(f"\n## {kind.name}\n")[2].partition("\n## ")[0]

    rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")][1:]
    assert rows == list(TARGETS)
