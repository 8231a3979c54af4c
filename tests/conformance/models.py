"""Two models written by hand: one with a reference formula, and one that gives its inputs back."""

import hashlib
import json
import math
from pathlib import Path
from typing import Any

RANKER = """<?xml version="1.0" encoding="UTF-8"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
  <Header/>
  <DataDictionary>
    <DataField name="label" optype="categorical" dataType="integer">
      <Value value="0"/><Value value="1"/>
    </DataField>
    <DataField name="rate" optype="continuous" dataType="double"/>
    <DataField name="item_score" optype="continuous" dataType="double"/>
    <DataField name="device" optype="categorical" dataType="string">
      <Value value="tv"/><Value value="mobile"/>
    </DataField>
    <DataField name="hour" optype="continuous" dataType="integer"/>
  </DataDictionary>
  <RegressionModel functionName="classification" normalizationMethod="logit">
    <MiningSchema>
      <MiningField name="label" usageType="target"/>
      <MiningField name="rate" missingValueReplacement="2.0" missingValueTreatment="asMean"/>
      <MiningField name="item_score"/>
      <MiningField name="device" invalidValueTreatment="asIs"/>
      <MiningField name="hour"/>
    </MiningSchema>
    <Output>
      <OutputField name="prediction" optype="categorical" dataType="integer" feature="predictedValue"/>
      <OutputField name="probability(0)" feature="probability" dataType="double" value="0"/>
      <OutputField name="probability(1)" feature="probability" dataType="double" value="1"/>
    </Output>
    <RegressionTable intercept="{intercept}" targetCategory="1">
      <NumericPredictor name="rate" coefficient="0.5"/>
      <NumericPredictor name="item_score" coefficient="2.0"/>
      <NumericPredictor name="hour" coefficient="0.01"/>
      <CategoricalPredictor name="device" value="tv" coefficient="0.25"/>
    </RegressionTable>
    <RegressionTable intercept="0" targetCategory="0"/>
  </RegressionModel>
</PMML>
"""
ECHO = """<?xml version="1.0" encoding="UTF-8"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
  <Header/>
  <DataDictionary>
    <DataField name="y" optype="continuous" dataType="double"/>
    <DataField name="d" optype="continuous" dataType="double"/>
    <DataField name="f" optype="continuous" dataType="float"/>
    <DataField name="i" optype="continuous" dataType="integer"/>
    <DataField name="s" optype="categorical" dataType="string"/>
    <DataField name="b" optype="categorical" dataType="boolean"/>
  </DataDictionary>
  <TreeModel functionName="regression">
    <MiningSchema>
      <MiningField name="y" usageType="target"/>
      <MiningField name="d" invalidValueTreatment="asIs"/>
      <MiningField name="f" invalidValueTreatment="asIs"/>
      <MiningField name="i" invalidValueTreatment="asIs"/>
      <MiningField name="s" invalidValueTreatment="asIs"/>
      <MiningField name="b" invalidValueTreatment="asIs"/>
    </MiningSchema>
    <Output>
      <OutputField name="d again" optype="continuous" dataType="double" feature="transformedValue">
        <FieldRef field="d"/>
      </OutputField>
      <OutputField name="f again" optype="continuous" dataType="float" feature="transformedValue">
        <FieldRef field="f"/>
      </OutputField>
      <OutputField name="i again" optype="continuous" dataType="integer" feature="transformedValue">
        <FieldRef field="i"/>
      </OutputField>
      <OutputField name="s again" optype="categorical" dataType="string" feature="transformedValue">
        <FieldRef field="s"/>
      </OutputField>
      <OutputField name="b again" optype="categorical" dataType="boolean" feature="transformedValue">
        <FieldRef field="b"/>
      </OutputField>
    </Output>
    <Node score="1"><True/></Node>
  </TreeModel>
</PMML>
"""
RANKER_TYPES = {"rate": "double", "item_score": "double", "device": "string", "hour": "integer"}
ECHO_TYPES = {"d": "double", "f": "float", "i": "integer", "s": "string", "b": "boolean"}

ITEMS: dict[str, dict[Any, float | None]] = {
    "shelf": {7: 0.25, 3: 0.75, 11: None, 5: 0.75, -2: -1.5},
    "named-shelf": {"seven": 0.25, "three": 0.75, "élan": 0.5},
}
"""Models that are the ranker with an item table: `item_score` by item."""


def ranker_score(
    rate: float | None, item_score: float, device: str | None, hour: int, intercept: float = -1.0
) -> float:
    z = intercept + 0.5 * (2.0 if rate is None else rate) + 2.0 * item_score + 0.01 * hour
    return 1.0 / (1.0 + math.exp(-(z + (0.25 if device == "tv" else 0.0))))


def write_models(folder: Path) -> Path:
    for version, intercept in ((1, -1.0), (2, -2.0)):
        row = {"rate": 1.0, "item_score": 0.5, "device": "tv", "hour": 3}
        _write(
            folder / "ranker" / str(version),
            RANKER.replace("{intercept}", str(intercept)),
            RANKER_TYPES,
            [row],
            [{"probability(1)": ranker_score(**row, intercept=intercept)}],
            {"probability(0)": "double", "probability(1)": "double"},
            {"kind": "score", "output": "probability(1)"},
        )
    for name, table in ITEMS.items():
        row = {"rate": 1.0, "item_score": 0.5, "device": "tv", "hour": 3}
        _write(
            folder / name / "1",
            RANKER.replace("{intercept}", "-1.0"),
            RANKER_TYPES,
            [row],
            [{"probability(1)": ranker_score(**row)}],
            {"probability(1)": "double"},
            {"kind": "score", "output": "probability(1)"},
            table,
        )
    row = {"d": 0.5, "f": 1.5, "i": 7, "s": "text", "b": True}
    _write(folder / "echo" / "1", ECHO, ECHO_TYPES, [row], [{"d again": 0.5}], {"d again": "double"}, None)
    return folder


def _write(
    target: Path,
    pmml: str,
    types: dict[str, str],
    inputs: list[dict[str, Any]],
    expected: list[dict[str, Any]],
    outputs: dict[str, str],
    ranking: dict[str, Any] | None,
    items: dict[Any, float | None] | None = None,
) -> None:
    target.mkdir(parents=True)
    (target / "model.pmml").write_text(pmml)
    rows = [{"input": i, "expected": e} for i, e in zip(inputs, expected, strict=True)]
    (target / "verification.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if items:
        table: list[list[Any]] = [["item_id", "item_score"], *([key, score] for key, score in items.items())]
        (target / "items.jsonl").write_text("".join(json.dumps(line) + "\n" for line in table))
    hashes = {
        file: {"sha256": hashlib.sha256((target / file).read_bytes()).hexdigest()}
        for file in ("model.pmml", "verification.jsonl", *(("items.jsonl",) if items else ()))
    }
    continuous = ("double", "float", "integer")
    manifest = {
        "format": 1,
        "model": target.parent.name,
        "version": int(target.name),
        "files": hashes,
        "engine": "jpmml",
        "contract": {
            "inputs": [
                {"name": name, "type": type_, "optype": "continuous" if type_ in continuous else "categorical"}
                for name, type_ in types.items()
            ]
        },
        "outputs": [{"name": name, "type": type_} for name, type_ in outputs.items()],
        **({"ranking": ranking} if ranking else {}),
    }
    (target / "manifest.json").write_text(json.dumps(manifest))
