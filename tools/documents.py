"""What the engines make of a folder of PMML documents: how many `compiled` takes, and whether its bits are `jpmml`'s.

Each document's rows are made from itself: random ones, and rows at the edges of what it can be asked. The program
prints how many documents each engine takes, the most frequent refusals of `compiled`, and each document in which the
two engines differ; it exits with 1 where any does, or where `auto` refuses a document that `jpmml` takes.
"""

import argparse
import json
import math
import re
import struct
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pillion.errors import InvalidModel
from pillion.parity.edge import edge_rows, sweep_rows
from pillion.scoring.jvm import InProcessModel, open_model
from pillion.scoring.scorer import Scores
from pillion.types import Value
from tools.checkout import JAR

_SHOWN = 25
_MOST_EDGES = 60
_REFUSED = re.compile(r"does not support (?:the element )?(\S+)(?: \(line \d+\))?(?::? ?(.*))?")
_LINES = re.compile(r" \(line \d+\)")


@dataclass(slots=True)
class Report:
    """What was found, by documents' names."""

    documents: int = 0
    compiled: list[str] = field(default_factory=list)
    jpmml: list[str] = field(default_factory=list)
    rows: int = 0
    scored: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    differing: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the engines agree wherever both answer, and `auto` takes what `jpmml` takes."""
        return not (self.differing or self.lost)


def main() -> int:
    """Reads the folder, prints the report; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.documents", description=__doc__)
    parser.add_argument("folder", type=Path, help="Holds .pmml documents, at any depth.")
    parser.add_argument("--rows", type=int, default=200, help="Random rows a document; edge rows come on top.")
    parser.add_argument("--json", type=Path, help="Where to write the report, too.")
    arguments = parser.parse_args()
    report = Report()
    for path in sorted(arguments.folder.rglob("*.pmml")):
        examine(str(path.relative_to(arguments.folder)), path.read_bytes(), arguments.rows, report)
    print("\n".join(lines(report)))
    if arguments.json:
        arguments.json.write_text(json.dumps({name: getattr(report, name) for name in Report.__slots__}, indent=1))
    return 0 if report.passed else 1


def examine(name: str, document: bytes, rows: int, report: Report) -> None:
    """Loads a document in both engines and compares their answers."""
    report.documents += 1
    compiled, refusal = _open(document, "compiled")
    reference, why = _open(document, "jpmml")
    if compiled is not None:
        report.compiled.append(name)
    else:
        report.refusals[kind_of(refusal)] += 1
        report.refused[name] = refusal
    if reference is None:
        report.wrong[name] = why
        return
    report.jpmml.append(name)
    if compiled is None:
        automatic, why = _open(document, "auto")
        if automatic is None:
            report.lost[name] = why
        return
    if compiled.contract != reference.contract:
        report.differing[name] = f"the contract is {compiled.contract} instead of {reference.contract}"
        return
    for columns, count in batches(reference.contract["inputs"], document, rows):
        expected, actual = reference.score(columns, count), compiled.score(columns, count)
        difference = first_difference(expected, actual, columns, count)
        report.rows += count
        report.scored += count - len(expected.row_errors)
        if difference:
            report.differing[name] = difference
            return


def _open(document: bytes, engine: str) -> tuple[InProcessModel | None, str]:
    try:
        return open_model(document, engine, JAR), ""
    except InvalidModel as error:
        return None, str(error)


def kind_of(refusal: str) -> str:
    """A refusal without its place in the document."""
    found = _REFUSED.search(refusal)
    if found is None:
        return "wrong: " + re.sub(r"'[^']*'", "…", _LINES.sub("", refusal))[:100]
    return f"{found[1]} {re.sub(chr(39) + '[^' + chr(39) + ']*' + chr(39), '…', found[2] or '')}".strip()


def batches(
    inputs: Sequence[Mapping[str, Any]], document: bytes, rows: int
) -> Iterator[tuple[Mapping[str, Sequence[Value]], int]]:
    """Rows for a document, as columns with their number: random ones, then edge rows."""
    random = np.random.default_rng(1)
    sample = {field["name"]: [_value(field, random) for _ in range(rows)] for field in inputs}
    yield sample, rows
    if inputs:
        first = inputs[0]["name"]
        for made in (
            edge_rows(inputs, sample, 1, document, most=_MOST_EDGES),
            sweep_rows(inputs, sample, 1, document),
        ):
            yield made, len(made[first])


def _value(field: Mapping[str, Any], random: np.random.Generator) -> Value:
    dice, known = random.random(), field.get("values") or []
    if dice < 0.05:
        return None
    if known and dice < 0.95:
        value = known[int(random.integers(0, len(known)))]
        return float(value) if field["type"] in ("float", "double") else value
    match field["type"]:
        case "string":
            return str(random.choice(["a", "b", "1", "0", ""]))
        case "boolean":
            return bool(random.random() < 0.5)
        case "integer":
            return int(random.integers(-3, 100))
    low, high = _range(field)
    number = random.uniform(low, high) if dice < 0.5 else random.normal() * 10.0 ** random.integers(-1, 4)
    return float(np.float32(number)) if field["type"] == "float" else float(number)


def _range(field: Mapping[str, Any]) -> tuple[float, float]:
    for interval in field.get("intervals") or ():
        low, high = float(interval.get("left", -math.inf)), float(interval.get("right", math.inf))
        if math.isfinite(high - low):
            return low, high
    return 0.0, 10.0


def first_difference(expected: Scores, actual: Scores, columns: Mapping[str, Sequence[Value]], rows: int) -> str | None:
    """Where `actual` differs first, in a value's bits or in a row's error; None where it does not."""
    refused = {error.row: error for error in expected.row_errors}
    failed = {error.row: error for error in actual.row_errors}
    for row in range(rows):
        given = {name: values[row] for name, values in columns.items()}
        if row in refused or row in failed:
            if row not in refused or row not in failed or refused[row].field != failed[row].field:
                return f"{failed.get(row)} instead of {refused.get(row)} for {given}"
            continue
        for name, values in expected.columns.items():
            if not _same(values[row], actual.columns[name][row]):
                return f"{name} is {actual.columns[name][row]!r} instead of {values[row]!r} for {given}"
    return None


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return (math.isnan(left) and math.isnan(right)) or struct.pack("d", left) == struct.pack("d", right)
    return type(left) is type(right) and left == right


def lines(report: Report) -> Iterator[str]:
    """The report as text."""
    same = len(set(report.compiled) & set(report.jpmml)) - len(report.differing)
    yield f"{report.documents} documents: jpmml takes {len(report.jpmml)}, compiled {len(report.compiled)}"
    yield f"{same} compared without a differing bit, {report.scored} of {report.rows} rows scored"
    yield f"{len(report.lost)} that auto refuses and jpmml takes, {len(report.differing)} that differ"
    for name, why in [*report.lost.items(), *report.differing.items()]:
        yield f"  {name}: {why[:600]}"
    yield "refusals of compiled:"
    for kind, count in report.refusals.most_common(_SHOWN):
        yield f"  {count:4} {kind}"


if __name__ == "__main__":
    sys.exit(main())
