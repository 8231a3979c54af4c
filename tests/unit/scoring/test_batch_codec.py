import pytest

from pillion.errors import InvalidInput
from pillion.scoring.batch_codec import encode


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", 2.5),
        ("integer", True),
        ("integer", "3"),
        ("integer", 2**63),
        ("double", "1.0"),
        ("double", True),
        ("float", "x"),
        ("boolean", 1),
        ("string", 7),
        ("string", 1.5),
    ],
)
def test_a_value_of_another_type_is_named_and_never_bent(kind: str, value: bool | float | str) -> None:
    with pytest.raises(InvalidInput, match=f"x, row 1: .* is not of type {kind}"):
        encode({"x": [None, value, None]}, {"x": kind}, 3)


def test_whole_numbers_stand_for_doubles() -> None:
    assert encode({"x": [1, None]}, {"x": "double"}, 2) == encode({"x": [1.0, None]}, {"x": "double"}, 2)


def test_a_column_that_is_too_short_is_named() -> None:
    with pytest.raises(InvalidInput, match="x: 1 values for 2 rows"):
        encode({"x": [1]}, {"x": "integer"}, 2)
