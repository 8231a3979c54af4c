import sys
from pathlib import Path

import pytest

from pillion.lab.program import ProgramFailed, RunningProgram

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
