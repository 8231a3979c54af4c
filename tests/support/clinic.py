"""A second fixture dataset, whose ids are text and whose request says other things: patients, wards, an urgency."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pillion.features import (
    Contents,
    FeatureTable,
    Store,
    load_batch_answers,
    load_features,
    measure_baseline,
    read_contract,
)
from pillion.project import FILE, Project
from pillion.scoring import ScoreRequest, Scores
from pillion.scoring.repository import BASELINE
from pillion.types import Value
from tests.support.models import RANKER, json_lines, write_version

PROJECT_FILE = """
segments = ["insured", "urgency"]

[users]
type = "string"

[items]
type = "string"

[inputs.age]
source = "user"
type = "double"
default = 40.0

[inputs.beds]
source = "item"
type = "integer"
default = 1

[inputs.urgency]
source = "online"
type = "integer"
range = [1, 5]
default = 3

[inputs.insured]
source = "online"
type = "boolean"
"""
PROJECT = Project.model_validate(tomllib.loads(PROJECT_FILE))
WARDS = ("Ä-north", "b", "a", "c/7", "z z")
SCORED = "probability(1)"


def contents() -> Contents:
    return Contents(
        FeatureTable(["p 1", "p/2", "名"], {"age": [30.0, None, 70.0]}),
        FeatureTable(list(WARDS), {"beds": [4, None, 2, 9, 1]}),
        {
            "global": [("c/7", 9), ("a", 8), ("gone", 7), ("b", 6)],
            "insured=true": [("b", 3)],
            "urgency=5": [("z z", 2)],
        },
        {"a": "Ward A"},
        {"p/2": ["a", "gone"]},
    )


def score(age: float, beds: int, urgency: int, insured: bool | None) -> float:
    return age * 1000 + beds * 10 + urgency + (0.5 if insured else 0.0)


def reference_scores(request: ScoreRequest) -> Scores:
    rows = zip(*(list(request.columns[name]) for name in ("age", "beds", "urgency", "insured")), strict=True)
    return Scores({SCORED: [score(*row) for row in rows]}, (), 1, "reference")


def write_models(folder: Path, rows: Mapping[str, Sequence[Value]] | None = None) -> Path:
    """Writes the manifest of a model `triage`; no engine can load it, so it is for fake scorers alone.

    Args:
        folder: The model repository.
        rows: Those that its baseline is of; without any it has none.
    """
    inputs: list[dict[str, Any]] = [
        {"name": "age", "type": "double", "source": "user"},
        {"name": "beds", "type": "integer"},
        {"name": "urgency", "type": "double"},
        {"name": "insured", "type": "boolean", "source": "online"},
    ]
    manifest = {
        "contract": {"inputs": inputs},
        "outputs": [{"name": SCORED, "type": "double"}],
        "ranking": {"kind": "score", "output": SCORED},
    }
    files: dict[str, str | bytes] = {"model.pmml": RANKER, "verification.jsonl": json_lines([])}
    if rows is not None:
        files[BASELINE] = measure_baseline(rows, read_contract({"inputs": inputs}, "triage").inputs).to_bytes()
    write_version(folder, "triage", 1, files, manifest)
    (folder / FILE).write_text(PROJECT_FILE, encoding="utf-8")
    return folder


async def load(store: Store) -> int:
    version = await load_features(store, contents(), now=lambda: 1_700_000_000.0)
    await load_batch_answers(store, version, {"名": ["b", "a"]}, model="nightly", model_version=2)
    return version
