"""The demo models that are checked in: what their manifests claim."""

import orjson
import pytest

from pillion.features import read_baseline, read_contents, read_contract
from pillion.project import find_project
from pillion.scoring import ModelRepository
from tools.checkout import ROOT

MODELS = ROOT / "pmml-models"


@pytest.mark.parametrize("model", ["ranker", "titles30"])
def test_the_published_models_have_sparks_bits_in_the_engine_that_they_are_cleared_for(model: str) -> None:
    manifest = ModelRepository(MODELS).read(model)
    raw = orjson.loads(manifest.path.read_bytes())
    proved = raw["parity"][raw["engine"]]
    assert proved["arithmetic"] == "spark"
    assert proved["passed"]
    assert (proved["max_ulps"], proved["rows_differing"], proved["refused"], proved["answered"]) == (0, 0, 0, 0)
    assert raw["verification"]["real"] >= 1000


@pytest.mark.parametrize("model", ["ranker", "titles30"])
def test_rows_that_pmml_takes_otherwise_have_a_reason_and_are_never_real_ones(model: str) -> None:
    raw = orjson.loads(ModelRepository(MODELS).read(model).path.read_bytes())
    groups = raw["parity"]["jpmml"]["explained"]
    assert all(group["reason"] for group in groups)
    rows = [row for group in groups for row in group["rows"]]
    assert min(rows) >= raw["verification"]["real"]


def test_the_contents_have_what_both_models_want() -> None:
    contents = read_contents(ROOT / "data" / "movielens" / "contents.npz")
    for model in ("ranker", "titles30"):
        raw = orjson.loads(ModelRepository(MODELS).read(model).path.read_bytes())
        for field in raw["contract"]["inputs"]:
            tables = {"user": contents.users.columns, "item": contents.items.columns, "online": {field["name"]}}
            assert field["name"] in tables[field["source"]]


@pytest.mark.parametrize("model", ["ranker", "titles30"])
def test_the_published_models_keep_how_their_inputs_were_distributed(model: str) -> None:
    manifest = ModelRepository(MODELS).read(model)
    assert manifest.baseline is not None
    contract = read_contract(manifest.contract, model)
    baseline = read_baseline(manifest.baseline.read_bytes(), contract.inputs, model)

    assert baseline.features.keys() == {taken.name for taken in contract.inputs}
    assert baseline.rows > 10_000


def test_the_demo_ranks_what_a_first_phase_picks_by_the_stores_factors() -> None:
    project = find_project(None, MODELS)
    served = ModelRepository(MODELS).read("ranker")
    phase = project.models["ranker"].first_phase

    assert phase is not None
    assert {f"{phase.user}_15", f"{phase.item}_15"} <= {field["name"] for field in served.contract["inputs"]}
