"""Boundaries of a plan are carried back to the inputs, and a sweep has each of them and each known value."""

import math
from typing import Any

from pillion.parity.edge import sweep_rows
from pillion.parity.plan_boundaries import all_boundaries, find_plan_boundaries

_PLAN = """<plan xmlns="urn:pillion:spark-plan"><input name="a\\u000d" type="double"/>
<input name="v" type="vector" size="2"/><input name="c" type="string"/><input name="b" type="double"/>
<bucketizer invalid="error"><column in="b" out="b2">-Infinity 0.5 2.0 Infinity</column></bucketizer>
<binarizer in="b" out="b3" threshold="7.0"/>
<stringIndexer invalid="keep"><column in="c" out="ci"><v>x</v></column></stringIndexer>
<vectorAssembler invalid="keep" out="raw"><column in="a\\u000d"/><column in="v"/></vectorAssembler>
<standardScaler in="raw" out="features"><shift>1.0 0.0 0.0</shift><scale>0.5 1.0 2.0</scale></standardScaler>
<decisionTree features="features" prediction="prediction"><tree><feature>0 2 -1 -1 -1</feature>
<threshold>3.0 4.0 0.0 0.0 0.0</threshold></tree></decisionTree></plan>"""


def _document(plan: str = _PLAN) -> bytes:
    extension = f'<Extension extender="pillion" name="spark-plan" value="2"><![CDATA[{plan}]]></Extension>'
    return f'<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header>{extension}</Header></PMML>'.encode()


def test_boundaries_are_those_of_the_inputs() -> None:
    found = find_plan_boundaries(_document())

    assert {name: [b.value for b in boundaries] for name, boundaries in found.items()} == {
        "b": [-math.inf, 0.5, 2.0, math.inf, 7.0],
        "a\r": [7.0],
        "v[1]": [2.0],
    }
    assert all_boundaries(_document()).keys() == found.keys()


def test_boundaries_of_lightgbm_are_carried_through_what_its_splits_compare() -> None:
    plan = """<plan xmlns="urn:pillion:spark-plan"><input name="v" type="vector" size="2"/>
<splitValues in="v" out="compared"><value feature="1" missing="nan" left="true"/><value feature="0" missing="category"/>
</splitValues><lightgbm features="compared" prediction="prediction"><tree><feature>0 1 -1 -1 -1</feature>
<threshold>3.5 0.0 0.0 0.0 0.0</threshold></tree></lightgbm></plan>"""

    found = find_plan_boundaries(_document(plan))

    assert {name: [b.value for b in boundaries] for name, boundaries in found.items()} == {"v[1]": [3.5]}


def test_a_document_without_a_plan_has_none() -> None:
    assert find_plan_boundaries(b'<PMML xmlns="http://www.dmg.org/PMML-4_4"><Header/></PMML>') == {}


def test_a_sweep_has_every_known_value_and_every_boundary() -> None:
    known = [f"city{i}" for i in range(2500)]
    inputs: list[dict[str, Any]] = [
        {"name": "c", "type": "string", "values": known},
        {"name": "b", "type": "double"},
        {"name": "other", "type": "double"},
    ]
    sample: dict[str, list[Any]] = {"c": ["city1"], "b": [0.25], "other": [1.5]}
    rows = sweep_rows(inputs, sample, 7, _document())

    assert {len(column) for column in rows.values()} == {2500}
    assert set(rows["c"]) == set(known)
    assert {0.5, math.nextafter(0.5, 1.0), math.nextafter(0.5, 0.0), 2.0, 7.0} <= set(rows["b"])
    assert set(rows["other"]) == {1.5}
