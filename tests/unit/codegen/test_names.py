"""Identifiers of any name: in the language's style, distinct, the same each time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillion.codegen.names import CAMEL, CONSTANT, PASCAL, identifiers, suffix
from pillion.errors import ConfigurationError


@pytest.mark.parametrize(
    ("name", "pascal", "camel", "constant"),
    [
        ("user_factor_10", "UserFactor10", "userFactor10", "USER_FACTOR_10"),
        ("user_factor_1_0", "UserFactor1_0", "userFactor1_0", "USER_FACTOR_1_0"),
        ("probability(1)", "Probability1", "probability1", "PROBABILITY_1"),
        ("rawPrediction[0]", "RawPrediction0", "rawPrediction0", "RAW_PREDICTION_0"),
        ("user.age", "UserAge", "userAge", "USER_AGE"),
        ("ID", "ID", "id", "ID"),
        ("18-24", "X18_24", "_18_24", "_18_24"),
        ("größe", "Größe", "größe", "GRÖSSE"),
        ("价格", "X价格", "价格", "价格"),
        ("<", "U003C", "u003c", "U003C"),
        ("", "Empty", "empty", "EMPTY"),
    ],
)
def test_a_name_is_written_in_each_style(name: str, pascal: str, camel: str, constant: str) -> None:
    made = [identifiers("inputs", [name], style)[name] for style in (PASCAL, CAMEL, CONSTANT)]

    assert made == [pascal, camel, constant]


def test_names_that_would_be_alike_are_spelled_out() -> None:
    assert identifiers("inputs", ["a.b", "a_b", "c"], PASCAL) == {"a.b": "XaU002Eb", "a_b": "Xa_b", "c": "C"}
    assert identifiers("inputs", ["tv", "Tv"], CAMEL) == {"tv": "tv", "Tv": "Tv"}
    assert identifiers("values", ["<18", ">18"], CONSTANT) == {"<18": "U003C18", ">18": "U003E18"}
    assert identifiers("values", ["tv", "Tv", "phone"], suffix("Device")) == {
        "tv": "Device_tv",
        "Tv": "Device_Tv",
        "phone": "DevicePhone",
    }


def test_digits_do_not_run_into_the_name_of_their_type() -> None:
    assert identifiers("values", ["1", "x"], suffix("Zone1")) == {"1": "Zone1_1", "x": "Zone1X"}


def test_a_reserved_identifier_gets_an_underscore() -> None:
    assert identifiers("inputs", ["class"], CAMEL, {"class"}) == {"class": "class_"}


def test_names_that_are_alike_after_all_are_an_error_that_names_both() -> None:
    with pytest.raises(
        ConfigurationError, match=r"inputs 'a\.b' and 'xaU002Eb' would both be called XaU002Eb: rename one"
    ):
        identifiers("inputs", ["a.b", "a_b", "xaU002Eb"], PASCAL)


@given(st.lists(st.text(max_size=6), unique=True, max_size=6))
def test_identifiers_are_distinct_and_valid_or_refused(names: list[str]) -> None:
    for style in (PASCAL, CAMEL, CONSTANT):
        try:
            made = identifiers("inputs", names, style)
        except ConfigurationError:
            continue
        assert list(made) == names
        assert len(set(made.values())) == len(names)
        assert all(word.isidentifier() for word in made.values())
