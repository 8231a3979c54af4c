"""Cases whose reference outputs were recorded by Spark earlier: a version's verification set, and golden cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from pillion.errors import InvalidModel
from pillion.parity.case import Case, labels_of, scores_of
from pillion.parity.recorded_rows import RecordedRows, read_rows
from pillion.scoring import ClassRanking, Manifest, Ranking, ScoreRanking
from pillion.scoring.jvm import open_model
from pillion.scoring.repository import MODEL, VERIFICATION

GOLDEN = "golden cases"
_ENGINE = "auto"
"""The engine whose reading of a document says what it takes and returns: that of the plan, where there is one."""


def verification_case(manifest: Manifest, jar: Path) -> Case:
    """Returns a version's verification set as a case.

    Raises:
        InvalidModel: the version is bad.
    """
    home = manifest.path.parent
    document = (home / MODEL).read_bytes()
    contract = read_contract(document, jar)
    outputs = [output for output in contract["outputs"] if output["kind"] != "target"]
    recorded = read_rows((home / VERIFICATION).read_bytes(), contract, outputs, str(home / VERIFICATION))
    known = recorded.expected.columns
    return Case(
        manifest.model,
        document,
        contract,
        recorded.inputs,
        recorded.rows,
        _real(manifest, recorded.rows),
        recorded.expected,
        tuple(name for name in labels_of(outputs) if name in known),
        tuple(name for name in ranked_outputs(manifest.ranking, outputs) if name in known),
        "the version's verification set, recorded by Spark",
    )


def _real(manifest: Manifest, rows: int) -> int:
    """How many of a verification set's rows are real ones; all where the manifest does not say."""
    verification = orjson.loads(manifest.path.read_bytes()).get("verification")
    real = verification.get("real") if isinstance(verification, dict) else None
    return real if isinstance(real, int) and 0 <= real <= rows else rows


def golden_cases(folder: Path, jar: Path) -> Iterator[Case]:
    """Yields the recorded cases of a folder, `<case>/{case.json,model.pmml,rows.jsonl}`, by name.

    Raises:
        InvalidModel: there is none, or one is bad.
    """
    found = sorted(folder.glob("*/case.json"))
    if not found:
        raise InvalidModel(f"{folder} has no recorded cases")
    for path in found:
        yield _golden(path.parent, jar)


def ranked_outputs(ranking: Ranking | None, outputs: list[Mapping[str, Any]]) -> tuple[str, ...]:
    """Returns the outputs to rank by: as the manifest says, items of a class by their id."""
    if isinstance(ranking, ScoreRanking):
        return (ranking.output,)
    if isinstance(ranking, ClassRanking):
        return tuple(sorted(ranking.classes, key=lambda name: ranking.classes[name]))
    return scores_of(outputs)


def read_contract(document: bytes, jar: Path) -> dict[str, Any]:
    """Returns what a document takes and returns.

    Raises:
        InvalidModel: the document is bad.
    """
    opened = open_model(document, _ENGINE, jar)
    try:
        return opened.contract
    finally:
        opened.close()


@dataclass(frozen=True, slots=True)
class RecordedCase:
    """What a recorded case's folder holds.

    Attributes:
        about: `case.json`: `stages`, `inputs` (type by name), `outputs` (type by name), `session` and counts.
        document: the PMML document.
        rows: the rows with Spark's outputs.
    """

    about: dict[str, Any]
    document: bytes
    rows: RecordedRows


def read_case(home: Path) -> RecordedCase:
    """Reads a recorded case's folder.

    Raises:
        InvalidModel: it is none.
    """
    try:
        about = orjson.loads((home / "case.json").read_bytes())
        document = (home / "model.pmml").read_bytes()
        rows = (home / "rows.jsonl").read_bytes()
        inputs, outputs = (
            [{"name": name, "type": kind} for name, kind in about[side].items()] for side in ("inputs", "outputs")
        )
    except (OSError, ValueError, KeyError) as error:
        raise InvalidModel(f"{home} is no recorded case: {error}") from error
    return RecordedCase(about, document, read_rows(rows, {"inputs": inputs}, outputs, str(home)))


def _golden(home: Path, jar: Path) -> Case:
    recorded = read_case(home)
    contract, rows = read_contract(recorded.document, jar), recorded.rows
    outputs = [output for output in contract["outputs"] if output["name"] in rows.expected.columns]
    return Case(
        home.name,
        recorded.document,
        contract,
        {field["name"]: rows.inputs[field["name"]] for field in contract["inputs"]},
        rows.rows,
        rows.rows,
        rows.expected,
        labels_of(outputs),
        scores_of(outputs),
        "recorded by Spark",
        group=GOLDEN,
    )
