from typing import Any

import pytest

from pillion.errors import ConfigurationError, InvalidModel
from pillion.features import bind, read_contract
from pillion.features.record_codec import Schema
from pillion.project import Input
from pillion.tabular.forms import read
from tests.support.models import PROJECT

USERS = Schema((("user_rate", "f64"), ("plan", "str"), ("visits", "i64"), ("paying", "bool")))
ITEMS = Schema((("item_score", "f64"), ("year", "i64"), ("short", "f32")))


def contract(*inputs: tuple[str, str, str]) -> Any:
    fields = [{"name": name, "type": kind, "source": source} for name, kind, source in inputs]
    return read_contract({"inputs": fields}, "manifest.json")


def test_every_input_finds_its_place() -> None:
    bound = bind(
        contract(
            ("user_rate", "double", "user"),
            ("visits", "double", None),
            ("short", "float", None),
            ("year", "integer", "item"),
            ("hour", "integer", None),
            ("device", "string", "online"),
        ),
        "ranker", USERS, ITEMS, declared=PROJECT.inputs,
    )  # fmt: skip

    assert bound.user == ("user_rate", "visits")
    assert bound.item == ("short", "year")
    assert bound.online == ("hour", "device")
    assert bound.types["device"] == "string"


def test_features_that_the_store_lacks_are_all_named_with_their_model() -> None:
    wanted = contract(
        ("age", "double", "user"),
        ("price", "double", "item"),
        ("any", "double", None),
    )

    with pytest.raises(
        ConfigurationError,
        match=r"'ranker' .* lacks: 'age' \(user\), 'price' \(item\), 'any' \(any source\)",
    ):
        bind(wanted, "ranker", USERS, ITEMS)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("user_rate", "integer"),
        ("user_rate", "float"),
        ("plan", "double"),
        ("paying", "integer"),
        ("hour", "string"),
    ],
)
def test_a_feature_of_another_type_is_named(name: str, kind: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'{name}'.*instead of {kind}"):
        bind(contract((name, kind, None)), "ranker", USERS, ITEMS, declared=PROJECT.inputs)


@pytest.mark.parametrize(
    ("format_", "declared", "fits"),
    [
        ("timestamp", "timestamp", True), ("timestamp_ntz", "timestamp", True), ("timestamp", "string", False),
        ("decimal(8,2)", "decimal", True),
        ("decimal(8,2)", "double", False), ("date", "timestamp", False), ("array<string>", "string", True),
    ],
)  # fmt: skip
def test_what_a_text_spells_must_be_declared(format_: str, declared: Any, fits: bool) -> None:
    raw = {"inputs": [{"name": "plan", "type": "string", "format": format_}]}
    wanted = read_contract(raw, "m")

    if fits:
        assert bind(wanted, "m", USERS, ITEMS, declared={"plan": Input(source="user", type=declared)}).user == ("plan",)
        return
    with pytest.raises(ConfigurationError) as caught:
        bind(wanted, "m", USERS, ITEMS, declared={"plan": Input(source="user", type=declared)})
    assert f"'plan' ({declared} instead of {format_})" in str(caught.value)


@pytest.mark.parametrize("format_", ["decimal(8,2)", "date", "timestamp", "timestamp_ntz", "array<string>"])
def test_a_value_to_warm_up_with_has_the_form_that_the_model_takes(format_: str) -> None:
    raw = {"inputs": [{"name": "plan", "type": "string", "format": format_, "source": "user"}]}
    wanted = read_contract(raw, "m")

    sample = bind(wanted, "m", Schema((("plan", "str"),)), ITEMS, declared={}).samples["plan"]

    read(str(sample), format_)  # which raises where the text is not of the form


def test_defaults_are_handed_on_as_the_model_takes_them() -> None:
    raw = {"inputs": [{"name": "plan", "type": "string", "format": "timestamp", "source": "user"}]}
    declared = {"plan": Input(source="user", type="timestamp", default=0)}

    assert bind(read_contract(raw, "m"), "m", USERS, ITEMS, declared=declared).defaults == {
        "plan": "1970-01-01T00:00:00Z"
    }


def test_what_a_request_must_give_and_the_project_file_does_not_declare_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"'ranker' .* does not declare: 'os', 'app'; .*\[inputs.NAME\]"):
        bind(contract(("os", "string", "online"), ("app", "string", "online")), "ranker", USERS, ITEMS)


def test_a_project_file_that_names_another_source_than_the_manifest_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="'hour' from the source 'user', but the project file says 'online'"):
        bind(contract(("hour", "integer", "user")), "ranker", USERS, ITEMS, declared=PROJECT.inputs)


def test_a_declared_default_lets_the_model_be_asked_about_unknown_users() -> None:
    raw = {"inputs": [{"name": "user_rate", "type": "double", "source": "user", "missing": "returnInvalid"}]}
    declared = {"user_rate": Input(source="user", type="double", default=1.5)}

    bound = bind(read_contract(raw, "m"), "ranker", USERS, ITEMS, declared=declared)

    assert (bound.takes_unknown_users, bound.has_user_defaults) == (True, True)
    assert bound.defaults == {"user_rate": 1.5}


def test_a_model_of_one_row_cannot_want_item_features() -> None:
    with pytest.raises(ConfigurationError, match="'year'"):
        bind(contract(("year", "integer", "item")), "picker", USERS, ITEMS, single_row=True)


def test_a_model_that_refuses_missing_user_features_takes_no_unknown_users() -> None:
    raw = {"inputs": [{"name": "user_rate", "type": "double", "source": "user", "missing": "returnInvalid"}]}

    assert not bind(read_contract(raw, "m"), "ranker", USERS, ITEMS).takes_unknown_users
    raw["inputs"][0]["missing"] = "asMean"
    assert bind(read_contract(raw, "m"), "ranker", USERS, ITEMS).takes_unknown_users


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (None, "no list 'inputs'"),
        ({"inputs": {}}, "no list 'inputs'"),
        ({"inputs": [{"type": "double"}]}, "without a name"),
        ({"inputs": [{"name": "a", "type": "decimal"}]}, "'a' has the unknown type 'decimal'"),
        (
            {"inputs": [{"name": "a", "type": "double", "source": "moon"}]},
            "'a' has the unknown source 'moon'",
        ),
        ({"inputs": [{"name": "a", "type": "double"}] * 2}, "'a' twice"),
    ],
)
def test_a_bad_contract_is_refused_by_name_of_its_manifest(raw: dict[str, Any] | None, complaint: str) -> None:
    with pytest.raises(InvalidModel, match=complaint) as caught:
        read_contract(raw, "models/ranker/1/manifest.json")

    assert "models/ranker/1/manifest.json" in str(caught.value)
