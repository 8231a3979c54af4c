"""The recorded form of a golden case, `tests/golden/data/<case>/`: document, rows with Spark's outputs, what was fit.

`rows.jsonl` has a line a row: `{"input": …, "expected": …}`, doubles in their shortest form that reads back to the
same bits, NaN and infinities as text, absent = missing. Where Spark threw, or dropped the row because a stage skips
invalid ones, `expected` is `{"error": "threw"}` or `{"error": "dropped"}`.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pillion.types import Value
from tools.checkout import ROOT

DATA = ROOT / "tests/golden/data"
_WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


@dataclass(frozen=True, slots=True)
class Golden:
    """A recorded case.

    Attributes:
        about: `case.json`: `stages`, `inputs` (type by name), `outputs` (type by name), `session` and counts.
        document: the PMML document.
        inputs: the rows as columns; None is missing.
        expected: Spark's outputs as columns; None is missing, or the row is in `errors`.
        errors: `threw` or `dropped`, by row.
    """

    name: str
    about: Mapping[str, Any]
    document: bytes
    inputs: Mapping[str, Sequence[Value]]
    expected: Mapping[str, Sequence[Value]]
    errors: Mapping[int, str]

    @property
    def rows(self) -> int:
        return len(next(iter(self.inputs.values())))


def recorded(folder: Path = DATA) -> list[str]:
    """Names of the recorded cases."""
    return sorted(path.parent.name for path in folder.glob("*/case.json"))


def read(name: str, folder: Path = DATA) -> Golden:
    """Reads a recorded case."""
    home = folder / name
    about = json.loads((home / "case.json").read_text())
    lines = (home / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    errors = {row: record["expected"]["error"] for row, record in enumerate(records) if "error" in record["expected"]}
    return Golden(
        name,
        about,
        (home / "model.pmml").read_bytes(),
        {field: [_read(r["input"].get(field), kind) for r in records] for field, kind in about["inputs"].items()},
        {field: [_read(r["expected"].get(field), kind) for r in records] for field, kind in about["outputs"].items()},
        errors,
    )


def write(golden: Golden, folder: Path = DATA) -> int:
    """Writes a case; the same case gives the same bytes. Returns how many they are."""
    home = folder / golden.name
    home.mkdir(parents=True, exist_ok=True)
    lines = []
    for row in range(golden.rows):
        given = {n: _json(column[row]) for n, column in golden.inputs.items() if column[row] is not None}
        wanted: dict[str, Any] = {"error": golden.errors[row]} if row in golden.errors else {}
        if not wanted:
            wanted = {n: _json(column[row]) for n, column in golden.expected.items() if column[row] is not None}
        lines.append(json.dumps({"input": given, "expected": wanted}, ensure_ascii=False, allow_nan=False))
    files = {
        "model.pmml": golden.document,
        "rows.jsonl": ("\n".join(lines) + "\n").encode(),
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


def _json(value: Value) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _read(value: Value, kind: str) -> Value:
    if kind != "double" or value is None:
        return value
    return _WORDS[value] if isinstance(value, str) else float(value)
