import math

import pytest

from pillion.errors import InvalidModel
from pillion.parity.recorded_rows import read_rows, write_rows
from pillion.scoring import RowError, Scores
from pillion.types import Value

CONTRACT = {
    "inputs": [{"name": "x", "type": "double"}, {"name": "c", "type": "string"}, {"name": "n", "type": "integer"}]
}
OUTPUTS = [{"name": "p", "type": "double"}, {"name": "label", "type": "string"}, {"name": "unused", "type": "double"}]


def test_words_become_numbers_and_what_is_absent_is_missing() -> None:
    lines = b"""{"input": {"x": "-Infinity", "n": 3}, "expected": {"p": "NaN", "label": "a"}}

{"input": {"x": 1, "c": "NaN"}, "expected": {"error": true}}
"""
    found = read_rows(lines, CONTRACT, OUTPUTS, "rows")

    assert found.inputs == {"x": [-math.inf, 1.0], "c": [None, "NaN"], "n": [3, None]}
    assert isinstance(found.inputs["x"][1], float)
    assert math.isnan(found.expected.columns["p"][0])
    assert found.expected.columns["label"] == ["a", None]
    assert "unused" not in found.expected.columns
    assert ([e.row for e in found.expected.row_errors], found.rows) == ([1], 2)


@pytest.mark.parametrize("line", [b"{", b"[]", b'{"input": {}}', b'{"input": 3, "expected": {}}'])
def test_a_line_of_another_form_is_named(line: bytes) -> None:
    with pytest.raises(InvalidModel, match="rows, line 2"):
        read_rows(b'{"input": {}, "expected": {}}\n' + line, CONTRACT, OUTPUTS, "rows")


def test_what_is_written_reads_back_with_the_same_bits() -> None:
    inputs: dict[str, list[Value]] = {"x": [0.1, -0.0, math.inf], "c": ["é", None, "b"], "n": [3, 2**53, None]}
    expected = Scores({"p": [1e-320, None, 0.5], "label": ["a", "b", "c"]}, (RowError(2, "", "", "dropped"),))
    written = write_rows(inputs, expected, refusals={2: "dropped"})
    found = read_rows(written, CONTRACT, OUTPUTS, "rows")

    assert repr(found.inputs) == repr(inputs)
    assert found.expected.columns == {"p": [1e-320, None, None], "label": ["a", "b", None]}
    assert found.expected.row_errors == expected.row_errors
    assert b'"expected": {"error": "dropped"}' in written
    assert b'"expected": {"error": true}' in write_rows(inputs, expected)


def test_a_number_that_is_none_is_named() -> None:
    with pytest.raises(InvalidModel, match="rows: a value of 'x'"):
        read_rows(b'{"input": {"x": "much"}, "expected": {}}', CONTRACT, OUTPUTS, "rows")
