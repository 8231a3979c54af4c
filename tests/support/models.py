"""A model repository written by hand, with a reference formula for each model."""

import hashlib
import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pillion.project import FILE, Project
from pillion.types import FieldType

RANKER_TYPES: dict[str, FieldType] = {
    "user_rate": "double",
    "item_score": "double",
    "device": "string",
    "hour": "integer",
}
RANKER_INPUTS: list[dict[str, Any]] = [
    {"name": "user_rate", "type": "double", "optype": "continuous", "source": "user"},
    {"name": "item_score", "type": "double", "optype": "continuous", "source": "item"},
    {
        "name": "device",
        "type": "string",
        "optype": "categorical",
        "source": "online",
        "values": ["tv", "mobile"],
    },
    {"name": "hour", "type": "integer", "optype": "continuous", "source": "online"},
]
RANKER = """<?xml version="1.0" encoding="UTF-8"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
  <Header/>
  <DataDictionary>
    <DataField name="label" optype="categorical" dataType="integer">
      <Value value="0"/><Value value="1"/>
    </DataField>
    <DataField name="user_rate" optype="continuous" dataType="double"/>
    <DataField name="item_score" optype="continuous" dataType="double"/>
    <DataField name="device" optype="categorical" dataType="string">
      <Value value="tv"/><Value value="mobile"/>
    </DataField>
    <DataField name="hour" optype="continuous" dataType="integer"/>
  </DataDictionary>
  <RegressionModel functionName="classification" normalizationMethod="logit">
    <MiningSchema>
      <MiningField name="label" usageType="target"/>
      <MiningField name="user_rate" missingValueReplacement="2.0" missingValueTreatment="asMean"/>
      <MiningField name="item_score"/>
      <MiningField name="device" invalidValueTreatment="asIs"/>
      <MiningField name="hour"/>
    </MiningSchema>
    <Output>
      <OutputField name="prediction" optype="categorical" dataType="integer" feature="predictedValue"/>
      <OutputField name="probability(0)" feature="probability" dataType="double" value="0"/>
      <OutputField name="probability(1)" feature="probability" dataType="double" value="1"/>
    </Output>
    <RegressionTable intercept="-1.0" targetCategory="1">
      <NumericPredictor name="user_rate" coefficient="0.5"/>
      <NumericPredictor name="item_score" coefficient="2.0"/>
      <NumericPredictor name="hour" coefficient="0.01"/>
      <CategoricalPredictor name="device" value="tv" coefficient="0.25"/>
    </RegressionTable>
    <RegressionTable intercept="0" targetCategory="0"/>
  </RegressionModel>
</PMML>
"""
PICKER_INPUTS = [RANKER_INPUTS[0], RANKER_INPUTS[2]]
PICKER = """<?xml version="1.0" encoding="UTF-8"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
  <Header/>
  <DataDictionary>
    <DataField name="film" optype="categorical" dataType="string">
      <Value value="5"/><Value value="6"/><Value value="7"/>
    </DataField>
    <DataField name="user_rate" optype="continuous" dataType="double"/>
    <DataField name="device" optype="categorical" dataType="string">
      <Value value="tv"/><Value value="mobile"/>
    </DataField>
  </DataDictionary>
  <RegressionModel functionName="classification" normalizationMethod="softmax">
    <MiningSchema>
      <MiningField name="film" usageType="target"/>
      <MiningField name="user_rate" missingValueReplacement="2.0" missingValueTreatment="asMean"/>
      <MiningField name="device" invalidValueTreatment="asIs"/>
    </MiningSchema>
    <Output>
      <OutputField name="probability(5)" feature="probability" dataType="double" value="5"/>
      <OutputField name="probability(6)" feature="probability" dataType="double" value="6"/>
      <OutputField name="probability(7)" feature="probability" dataType="double" value="7"/>
    </Output>
    <RegressionTable intercept="0.1" targetCategory="5"/>
    <RegressionTable intercept="0.0" targetCategory="6">
      <NumericPredictor name="user_rate" coefficient="1.0"/>
    </RegressionTable>
    <RegressionTable intercept="0.0" targetCategory="7">
      <CategoricalPredictor name="device" value="tv" coefficient="0.5"/>
    </RegressionTable>
  </RegressionModel>
</PMML>
"""
PROJECT_FILE = """
model = "ranker"
segments = ["country", "device"]

[inputs.hour]
source = "online"
type = "integer"
range = [0, 23]
derive = "hour"

[inputs.weekday]
source = "online"
type = "integer"
range = [0, 6]
derive = "weekday"

[inputs.device]
source = "online"
type = "string"

[inputs.country]
source = "online"
type = "string"

[inputs.referrer]
source = "online"
type = "string"
"""
PROJECT = Project.model_validate(tomllib.loads(PROJECT_FILE))
"""What a request of these models says of itself, and which of it makes segments."""
CLASSES = {"probability(5)": 5, "probability(6)": 6, "probability(7)": 7}


def ranker_score(
    user_rate: float | None, item_score: float, device: str | None, hour: int, intercept: float = -1.0
) -> float:
    rate = 2.0 if user_rate is None else user_rate
    z = intercept + 0.5 * rate + 2.0 * item_score + 0.01 * hour + (0.25 if device == "tv" else 0.0)
    return 1.0 / (1.0 + math.exp(-z))


def picker_scores(user_rate: float | None, device: str | None) -> dict[int, float]:
    rate = 2.0 if user_rate is None else user_rate
    powers = {5: math.exp(0.1), 6: math.exp(rate), 7: math.exp(0.5 if device == "tv" else 0.0)}
    return {item: power / sum(powers.values()) for item, power in powers.items()}


def write_version(
    folder: Path, name: str, version: int, files: Mapping[str, str | bytes], manifest: Mapping[str, Any]
) -> Path:
    """Writes a version's files, and its manifest with their hashes."""
    target = folder / name / str(version)
    target.mkdir(parents=True)
    hashes = {}
    for file, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (target / file).write_bytes(data)
        hashes[file] = {"sha256": hashlib.sha256(data).hexdigest()}
    whole = {"format": 1, "model": name, "version": version, "files": hashes, "engine": "jpmml", **manifest}
    (target / "manifest.json").write_text(json.dumps(whole))
    return target


def json_lines(lines: Iterable[Any]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def write_ranker(folder: Path, version: int = 1, document: str = RANKER, **changes: object) -> Path:
    inputs: list[dict[str, Any]] = [
        {"user_rate": 1.0, "item_score": 0.5, "device": "tv", "hour": 3},
        {"user_rate": None, "item_score": 0.25, "device": "mobile", "hour": 23},
    ]
    rows = [{"input": row, "expected": {"probability(1)": ranker_score(**row)}} for row in inputs]
    manifest = {
        "contract": {"inputs": RANKER_INPUTS},
        "outputs": [
            {"name": "probability(0)", "type": "double"},
            {"name": "probability(1)", "type": "double"},
        ],
        "ranking": {"kind": "score", "output": "probability(1)"},
        **changes,
    }
    files = {"model.pmml": document, "verification.jsonl": json_lines(rows)}
    return write_version(folder, "ranker", version, files, manifest)


def write_picker(folder: Path, version: int = 1, **changes: object) -> Path:
    row: dict[str, Any] = {"user_rate": 1.0, "device": "tv"}
    expected = {f"probability({item})": score for item, score in picker_scores(**row).items()}
    files = {"model.pmml": PICKER, "verification.jsonl": json_lines([{"input": row, "expected": expected}])}
    manifest = {
        "contract": {"inputs": PICKER_INPUTS},
        "outputs": [{"name": name, "type": "double"} for name in CLASSES],
        "ranking": {"kind": "classes", "classes": CLASSES},
        **changes,
    }
    return write_version(folder, "picker", version, files, manifest)


def write_models(folder: Path, engine: str = "jpmml") -> Path:
    write_ranker(folder, engine=engine)
    write_picker(folder, engine=engine)
    (folder / FILE).write_text(PROJECT_FILE)
    return folder
