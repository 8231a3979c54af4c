import os
import sys
from pathlib import Path

import numpy as np
import pytest

from pillion.lab.lab_model import LabModel
from pillion.lab.program import ProgramFailed, RunningProgram
from pillion.lab.workspace import Workspace

ENDED = [sys.executable, "-c", "import sys; print('no memory\\n\\tat Main.java:3', file=sys.stderr); sys.exit(4)"]
ANSWERS = [
    sys.executable,
    "-c",
    "import array, sys\n"
    "for line in sys.stdin:\n"
    "    command, rows, rest = line.split()\n"
    "    if command == 'check': array.array('d', [0.5] * int(rows)).tofile(open(rest, 'wb'))\n"
    "    print('1 2500000000' if command == 'check' else 3000, flush=True)\n",
]

NUMBERED = [
    sys.executable,
    "-c",
    "import os, sys\n"
    "for line in sys.stdin:\n"
    "    if line.endswith(' 0\\n'): sys.exit(4)\n"
    "    print(os.getpid(), flush=True)\n",
]


def test_a_program_that_has_ended_is_told_with_what_it_said_and_is_closed_in_peace(tmp_path: Path) -> None:
    with RunningProgram(ENDED, tmp_path, 1) as program:
        for _ in range(3):
            # The first command may still be taken by a program that is ending.
            with pytest.raises(ProgramFailed, match="the program ended with 4: no memory"):
                program.time(1, 1)

    assert list(tmp_path.iterdir()) == []


def test_a_program_answers_with_outputs_whether_it_contracts_and_how_long_it_compiled(tmp_path: Path) -> None:
    with RunningProgram(ANSWERS, tmp_path, 1) as program:
        checked = program.check(3)
        seconds = program.time(3, 2)

    assert checked.outputs.tolist() == [[0.5]] * 3
    assert (checked.contracts, checked.compile_s, seconds) == (True, 2.5, 3e-6)


def test_a_shared_program_ends_with_its_workspace_and_is_started_anew_where_it_has_ended(tmp_path: Path) -> None:
    model = LabModel("x", None, b"", {}, {}, ("p",), np.array([[0.5]]), "e", "a", None, "no plan")
    with Workspace(tmp_path / "lab.work/x", model, tmp_path / "no.jar") as workspace:
        for _ in range(2):
            with workspace.share(NUMBERED) as program:
                first = program.time(1, 1)
        with workspace.share(NUMBERED) as program, pytest.raises(ProgramFailed):
            program.time(1, 0)
        with workspace.share(NUMBERED) as program:
            second = program.time(1, 1)

    assert first != second
    with pytest.raises(ProcessLookupError):
        os.kill(round(second * 1e9), 0)
