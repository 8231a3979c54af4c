"""The ranker of the fixture models with two versions and item tables, and a model that gives its inputs back."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pillion.types import FieldType
from tests.support.models import RANKER, json_lines, ranker_score, write_version
from tools.golden.store import read

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
RANKER_TYPES: dict[str, FieldType] = {"rate": "double", "item_score": "double", "device": "string", "hour": "integer"}
ECHO_TYPES: dict[str, FieldType] = {"d": "double", "f": "float", "i": "integer", "s": "string", "b": "boolean"}

ITEMS: dict[str, dict[Any, float | None]] = {
    "shelf": {7: 0.25, 3: 0.75, 11: None, 5: 0.75, -2: -1.5},
    "named-shelf": {"seven": 0.25, "three": 0.75, "élan": 0.5},
}
"""Models that are the ranker with an item table: `item_score` by item."""

ROLLING = {1: ("d", "i"), 2: ("d", "i", "s", "f")}
"""The model whose versions differ in their inputs: which ones each has."""

SPELLED = ("spelled_in_sql", "spelled_in_stages")
"""Recorded cases whose inputs are texts of a form."""

WITH_NAN = "elementwise_product"
"""A recorded case that gives NaN for NaN."""

SOURCES = {"d": "item", "i": "user", "s": "online"}
"""Where inputs of the models that give them back come from; nothing is said of the others."""


def ranker(intercept: float) -> str:
    """The ranker's document with another intercept."""
    return RANKER.replace('"user_rate"', '"rate"').replace('intercept="-1.0"', f'intercept="{intercept}"')


def write_models(folder: Path) -> Path:
    _write_ranker(folder, "ranker", 1)
    _write_ranker(folder, "ranker", 2, intercept=-2.0)
    for name, table in ITEMS.items():
        _write_ranker(folder, name, 1, items=table)
    _write_echo(folder, "echo", 1, ECHO_TYPES)
    for version, names in ROLLING.items():
        _write_echo(folder, "rolling", version, {name: ECHO_TYPES[name] for name in names}, ranking=True)
    for name in (*SPELLED, WITH_NAN):
        _write_golden(folder, name)
    return folder


def _write_golden(folder: Path, name: str) -> None:
    """A recorded case as a model, verified by its first rows that have an answer."""
    golden = read(name)
    rows = [row for row in range(golden.rows) if row not in golden.errors][:5]
    verification = [
        {
            "input": {key: column[row] for key, column in golden.inputs.items()},
            "expected": {key: column[row] for key, column in golden.expected.items()},
        }
        for row in rows
    ]
    files = {"model.pmml": golden.document.decode(), "verification.jsonl": json_lines(verification)}
    manifest = _manifest(golden.about["inputs"], list(golden.expected))
    write_version(folder, name, 1, files, {**manifest, "engine": "compiled"})


def _write_echo(folder: Path, name: str, version: int, types: Mapping[str, FieldType], ranking: bool = False) -> None:
    document = ECHO
    for dropped in ECHO_TYPES.keys() - types.keys():
        document = re.sub(rf'( *<(Data|Mining)Field name="{dropped}".*\n)', "", document)
        document = re.sub(rf' *<OutputField name="{dropped} again"(.*\n){{3}}', "", document)
    values = {"d": 0.5, "f": 1.5, "i": 7, "s": "text", "b": True}
    row = {"input": {key: values[key] for key in types}, "expected": {"d again": 0.5}}
    files = {"model.pmml": document, "verification.jsonl": json_lines([row])}
    manifest = _manifest(types, ["d again"])
    for field in manifest["contract"]["inputs"]:
        if field["name"] in SOURCES:
            field["source"] = SOURCES[field["name"]]
    if ranking:
        manifest["ranking"] = {"kind": "score", "output": "d again"}
    write_version(folder, name, version, files, manifest)


def _write_ranker(
    folder: Path, name: str, version: int, intercept: float = -1.0, items: Mapping[Any, float | None] | None = None
) -> None:
    row = {"rate": 1.0, "item_score": 0.5, "device": "tv", "hour": 3}
    expected = {"probability(1)": ranker_score(1.0, 0.5, "tv", 3, intercept)}
    files = {"model.pmml": ranker(intercept), "verification.jsonl": json_lines([{"input": row, "expected": expected}])}
    if items:
        files["items.jsonl"] = json_lines([["item_id", "item_score"], *items.items()])
    outputs = ["probability(1)"] if items else ["probability(0)", "probability(1)"]
    ranking = {"kind": "score", "output": "probability(1)"}
    write_version(folder, name, version, files, {**_manifest(RANKER_TYPES, outputs), "ranking": ranking})


def _manifest(types: Mapping[str, str], outputs: Sequence[str]) -> dict[str, Any]:
    continuous = ("double", "float", "integer")
    inputs = [
        {"name": name, "type": type_, "optype": "continuous" if type_ in continuous else "categorical"}
        for name, type_ in types.items()
    ]
    return {"contract": {"inputs": inputs}, "outputs": [{"name": name, "type": "double"} for name in outputs]}
