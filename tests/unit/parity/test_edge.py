"""Edge rows: what a document's boundaries are, and which rows come of them."""

import math
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillion.errors import InvalidModel
from pillion.parity.boundaries import Boundary, find_boundaries
from pillion.parity.edge import UNSEEN, edge_rows, edges_of
from pillion.types import Value

HEAD = '<?xml version="1.0"?><PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><DataDictionary>'
DOCUMENT = (
    HEAD
    + """
  <DataField name="age" optype="continuous" dataType="double">
    <Interval closure="closedClosed" leftMargin="0" rightMargin="120.5"/>
  </DataField>
  <DataField name="hour" optype="continuous" dataType="integer"/>
  <DataField name="device" optype="categorical" dataType="string"><Value value="tv"/></DataField>
</DataDictionary>
<TransformationDictionary>
  <DerivedField name="scaled" optype="continuous" dataType="double">
    <Apply function="*">
      <Apply function="-"><FieldRef field="age"/><Constant dataType="double">40.0</Constant></Apply>
      <Constant dataType="double">0.25</Constant>
    </Apply>
  </DerivedField>
  <DerivedField name="again" optype="continuous" dataType="double"><FieldRef field="scaled"/></DerivedField>
  <DerivedField name="part" optype="categorical" dataType="string">
    <Discretize field="hour">
      <DiscretizeBin binValue="night"><Interval closure="closedOpen" leftMargin="0" rightMargin="6"/></DiscretizeBin>
    </Discretize>
  </DerivedField>
  <DerivedField name="old" optype="categorical" dataType="double">
    <Apply function="if">
      <Apply function="lessOrEqual"><FieldRef field="age"/><Constant dataType="double">65.0</Constant></Apply>
      <Constant>0</Constant><Constant>1</Constant>
    </Apply>
  </DerivedField>
  <DerivedField name="product" optype="continuous" dataType="double">
    <Apply function="*"><FieldRef field="age"/><FieldRef field="hour"/></Apply>
  </DerivedField>
</TransformationDictionary>
<TreeModel functionName="regression"><Node><True/>
  <Node><SimplePredicate field="again" operator="lessOrEqual" value="1.5"/></Node>
  <Node><SimplePredicate field="again" operator="lessOrEqual" value="1.5"/></Node>
  <Node><SimplePredicate field="product" operator="lessOrEqual" value="7"/></Node>
  <Node><SimplePredicate field="device" operator="equal" value="phone"/></Node>
  <Node><SimplePredicate field="age" operator="isMissing"/></Node>
</Node></TreeModel></PMML>"""
).encode()
INPUTS: list[dict[str, Any]] = [
    {"name": "age", "type": "double"},
    {"name": "hour", "type": "integer"},
    {"name": "device", "type": "string", "values": ["tv", "web"]},
]
SAMPLE: dict[str, list[Value]] = {"age": [30.0, 31.0], "hour": [3, 4], "device": ["tv", "web"]}


def bits(values: Iterable[object]) -> list[object]:
    return [value.hex() if isinstance(value, float) else value for value in values]


def test_boundaries_are_found_by_input_and_carried_back_through_constants() -> None:
    assert find_boundaries(DOCUMENT) == {
        "age": [Boundary("0"), Boundary("120.5"), Boundary("65.0"), Boundary(46.0, carried=True)],
        "hour": [Boundary("0"), Boundary("6")],
        "device": [Boundary("phone")],
    }


@given(
    st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-6),
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
    st.sampled_from(["*", "/"]),
)
def test_the_edges_of_a_scaled_field_hold_both_sides_of_its_threshold(
    factor: float, offset: float, threshold: float, function: str
) -> None:
    document = (
        f'{HEAD}<DataField name="x" optype="continuous" dataType="double"/></DataDictionary><LocalTransformations>'
        f'<DerivedField name="y"><Apply function="{function}"><Apply function="-"><FieldRef field="x"/>'
        f"<Constant>{offset!r}</Constant></Apply><Constant>{factor!r}</Constant></Apply></DerivedField>"
        f'</LocalTransformations><SimplePredicate field="y" operator="lessOrEqual" value="{threshold!r}"/></PMML>'
    ).encode()

    def scale(x: float) -> float:
        return (x - offset) * factor if function == "*" else (x - offset) / factor

    edges = edges_of({"type": "double"}, find_boundaries(document)["x"])[1:]
    near = [x for x in edges if isinstance(x, float) and math.isfinite(x)][5:]
    sides = {scale(x) <= threshold for x in near}
    # far from 0 the subtraction swallows the neighbours of x; then the boundary itself is there, to rounding
    carried = (threshold / factor if function == "*" else threshold * factor) + offset
    assert sides == {True, False} or any(math.isclose(x, carried, rel_tol=1e-9, abs_tol=1e-9) for x in near)


@pytest.mark.parametrize("text", [b"<PMML", b"", b'<!DOCTYPE PMML [<!ENTITY a "b">]><PMML/>'])
def test_what_is_no_plain_xml_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidModel, match=r"not XML|DOCTYPE"):
        find_boundaries(text)


def test_derivations_in_a_circle_end() -> None:
    document = HEAD + (
        '</DataDictionary><DerivedField name="a"><FieldRef field="b"/></DerivedField>'
        '<DerivedField name="b"><FieldRef field="a"/></DerivedField><SimplePredicate field="a" value="1"/></PMML>'
    )
    assert find_boundaries(document.encode()) == {}


def test_a_number_has_its_boundaries_with_both_neighbours_and_what_is_special() -> None:
    edges = edges_of({"type": "double"}, [Boundary("65.0")])
    assert edges[0] is None
    wanted = [0.0, -0.0, math.inf, -math.inf, 1e300, -1e300, 5e-324]
    wanted += [math.nextafter(65.0, 0), 65.0, math.nextafter(65.0, 99)]
    assert set(bits(wanted)) <= set(bits(edges[1:]))
    assert any(value != value for value in edges[1:])


def test_a_float_has_the_neighbours_of_its_own_type() -> None:
    edges = edges_of({"type": "float"}, [Boundary("1.0")])
    assert {1.0, 1.0 + 2.0**-23, 1.0 - 2.0**-24} <= set(edges[1:])


def test_a_whole_number_has_the_whole_numbers_around_a_boundary() -> None:
    assert {5, 6, 7} <= set(edges_of({"type": "integer"}, [Boundary("5.5")]))
    assert {5, 6, 7} <= set(edges_of({"type": "integer"}, [Boundary("6")]))


def test_a_name_has_each_known_value_and_one_never_seen() -> None:
    assert edges_of(INPUTS[2], [Boundary("phone")]) == [None, UNSEEN, "", "tv", "web", "phone"]


def test_many_edges_are_thinned_out_evenly_and_no_special_one_is_lost() -> None:
    edges = edges_of({"type": "string", "values": [str(i) for i in range(5000)]}, [], most=11)
    assert edges == [None, UNSEEN, "", *map(str, [0, 499, 999, 1499, 1999, 2499, 2999, 3499, 3999, 4499, 4999])]


def test_rows_change_one_field_alone_then_all_then_many() -> None:
    rows = edge_rows(INPUTS, SAMPLE, 7, DOCUMENT, mixed=50)
    each = [len(edges_of(field, find_boundaries(DOCUMENT)[field["name"]])) for field in INPUTS]
    whole = list(zip(*rows.values(), strict=True))
    real = set(zip(*SAMPLE.values(), strict=True))

    assert len(whole) == sum(each) + 1 + 50
    for row in whole[: sum(each)]:
        assert any(sum(bits([a]) != bits([b]) for a, b in zip(row, other, strict=True)) <= 1 for other in real)
    assert whole[sum(each)] == (None, None, None)
    assert len({repr(row) for row in whole[sum(each) + 1 :]}) > 20


def test_the_same_seed_makes_the_same_rows() -> None:
    assert repr(edge_rows(INPUTS, SAMPLE, 7, DOCUMENT)) == repr(edge_rows(INPUTS, SAMPLE, 7, DOCUMENT))
    assert repr(edge_rows(INPUTS, SAMPLE, 7, DOCUMENT)) != repr(edge_rows(INPUTS, SAMPLE, 8, DOCUMENT))
