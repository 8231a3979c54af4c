from types import SimpleNamespace
from typing import Any

from pillion.lab.lab_model import make_lab_model
from pillion.parity.plan_elements import children_of, read_plan
from pillion.scoring import Scores
from tools.checkout import ROOT

DOCUMENT = (ROOT / "tests/golden/data/logistic/model.pmml").read_bytes()


def opened(document: bytes) -> Any:
    """What an engine makes of the document, as far as a row is scored."""
    inputs = [{"name": each.get("name"), "type": "double"} for each in children_of(read_plan(document), "input")]
    outputs = [{"name": name, "type": "double", "kind": "probability"} for name in ("probability(0)", "probability(1)")]
    return SimpleNamespace(
        contract={"inputs": inputs, "outputs": outputs}, engine="compiled", arithmetic="spark",
        score=lambda columns, rows: Scores({"probability(0)": [0.25], "probability(1)": [0.75]}),
    )  # fmt: skip


def test_programs_are_held_against_the_documents_outputs_of_the_plans_column() -> None:
    engine = opened(DOCUMENT)
    columns = {each["name"]: [1.0] for each in engine.contract["inputs"]}

    model = make_lab_model("cells", None, DOCUMENT, engine, columns, 1)

    assert (model.outputs, model.unsupported) == (("probability(0)", "probability(1)"), "")
    assert model.expected.tolist() == [[0.25, 0.75]]
    assert model.flat is not None


def test_programs_cannot_have_a_plan_of_which_the_document_lacks_an_output() -> None:
    document = DOCUMENT.replace(b'column="probability" element="1"', b'column="prediction"')
    engine = opened(document)
    columns = {each["name"]: [1.0] for each in engine.contract["inputs"]}

    model = make_lab_model("cells", None, document, engine, columns, 1)

    assert model.flat is None
    assert model.unsupported == "the document does not have the plan's column 'probability' among its outputs"
