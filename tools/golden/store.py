"""The recorded form of a golden case, `tests/golden/data/<case>/`: document, rows with Spark's outputs, what was fit.

The rows are in the form of `pillion.parity.recorded_rows`. Where Spark threw, or dropped the row because a stage skips
invalid ones, `expected` is `{"error": "threw"}` or `{"error": "dropped"}`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pillion.parity.recorded_cases import read_case
from pillion.parity.recorded_rows import write_rows
from pillion.scoring import RowError, Scores
from pillion.types import Value
from tools.checkout import ROOT

DATA = ROOT / "tests/golden/data"


@dataclass(frozen=True, slots=True)
class Golden:
    """A recorded case.

    Attributes:
        about: `case.json`: `stages`, `inputs` (type by name), `outputs` (type by name), `session` and counts.
        document: the PMML document.
        inputs: the rows as columns; None is missing.
        expected: Spark's outputs as columns; None is missing, or the row is in `errors`.
        errors: `threw` or `dropped`, by row.
        plan_only: whether the document has no model that the interpreter could evaluate.
    """

    name: str
    about: Mapping[str, Any]
    document: bytes
    inputs: Mapping[str, Sequence[Value]]
    expected: Mapping[str, Sequence[Value]]
    errors: Mapping[int, str]

    @property
    def plan_only(self) -> bool:
        return bool(self.about.get("pmml") == "plan only")

    @property
    def rows(self) -> int:
        return len(next(iter(self.inputs.values())))


def recorded(folder: Path = DATA) -> list[str]:
    """Names of the recorded cases."""
    return sorted(path.parent.name for path in folder.glob("*/case.json"))


def read(name: str, folder: Path = DATA) -> Golden:
    """Reads a recorded case."""
    case = read_case(folder / name)
    errors = {error.row: error.message for error in case.rows.expected.row_errors}
    return Golden(name, case.about, case.document, case.rows.inputs, case.rows.expected.columns, errors)


def write(golden: Golden, folder: Path = DATA) -> int:
    """Writes a case; the same case gives the same bytes. Returns how many they are."""
    home = folder / golden.name
    home.mkdir(parents=True, exist_ok=True)
    refused = tuple(RowError(row, "", "", why) for row, why in golden.errors.items())
    rows = write_rows(golden.inputs, Scores(dict(golden.expected), refused), refusals=golden.errors)
    files = {
        "model.pmml": golden.document,
        "rows.jsonl": rows,
        "case.json": (json.dumps(golden.about, indent=1, ensure_ascii=False) + "\n").encode(),
    }
    for name, content in files.items():
        (home / name).write_bytes(content)
    return sum(map(len, files.values()))


def read_refused(folder: Path = DATA) -> dict[str, Any]:
    """The cases that have no document: the converter's reason and the stages, by name."""
    file = folder / "refused.json"
    return dict(json.loads(file.read_text())) if file.is_file() else {}


def write_refused(refused: Mapping[str, Any], folder: Path = DATA) -> None:
    """Writes them, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "refused.json").write_text(json.dumps(dict(sorted(refused.items())), indent=1, ensure_ascii=False) + "\n")
