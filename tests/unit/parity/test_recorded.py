import math

import pytest

from pillion.errors import InvalidModel
from pillion.parity.recorded_rows import read_rows

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
