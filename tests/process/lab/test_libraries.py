"""Models by the library that they are of."""

import json
import shutil
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
import xgboost
from lxml import etree

from pillion.export.plan.element import element
from pillion.export.plan.lightgbm_booster import Booster as LightGBM
from pillion.export.plan.xgboost_booster import Booster as XGBoost
from pillion.lab.lab_model import make_lab_model, read_lab_model
from pillion.lab.languages import Way, language_ways
from pillion.lab.places import BY_LIBRARY, BY_NUMPY, Clients, Services, place_ways, start_host
from pillion.lab.program import Absent
from pillion.lab.results import Check
from pillion.lab.sizes import make_document
from pillion.lab.workspace import Workspace
from pillion.scoring.jvm import open_model
from tools.checkout import JAR, ROOT

WAYS: dict[str, Way] = {way.name: way for way in language_ways()}
FEATURES, ROWS = 4, 200
OF_CLASSES = {"raw": "raw", "probability": "probability"}
GOLDENS = ROOT / "tests/golden/data"


@pytest.mark.parametrize(
    ("objective", "classes", "kind"),
    [("reg:squarederror", 0, "Regressor"), ("binary:logistic", 2, "Classifier"), ("multi:softprob", 3, "Classifier")],
)
def test_xgboost_itself_gives_the_engines_numbers(objective: str, classes: int, kind: str, tmp_path: Path) -> None:
    workspace = version_of_xgboost(objective, classes, f"xgboost.spark.estimator.SparkXGB{kind}Model", tmp_path)
    model = workspace.model

    with WAYS["XGBoost"].start(workspace) as program:
        outputs = program.check(ROWS).outputs
        assert program.time(ROWS, 1) > 0

    check = Check.of(outputs, model.expected)
    # Spark's column has the exponential of NumPy or SciPy, and XGBoost its own.
    assert check.exact if classes == 0 else check.difference <= 2.0**-22, check.sentence
    with pytest.raises(Absent, match="no program computes trees of XGBoost's"):
        WAYS["C"].start(workspace)


@pytest.mark.parametrize(
    ("objective", "classes"),
    [("regression", 0), ("poisson", 0), ("binary", 2), ("multiclass", 3), ("multiclassova", 3)],
)
def test_lightgbm_itself_gives_the_engines_bits(objective: str, classes: int, tmp_path: Path) -> None:
    workspace = version_of_lightgbm(objective, classes, tmp_path)
    model = workspace.model

    with WAYS["LightGBM"].start(workspace) as program:
        outputs = program.check(ROWS).outputs
        assert program.time(ROWS, 1) > 0

    check = Check.of(outputs, model.expected)
    assert check.exact, check.sentence
    with pytest.raises(Absent, match="no program computes trees of LightGBM's"):
        WAYS["C"].start(workspace)
    with pytest.raises(Absent, match="the model is none of XGBoost's"):
        WAYS["XGBoost"].start(workspace)


@pytest.mark.parametrize("library", ["XGBoost", "LightGBM"])
def test_fastapi_answers_with_the_models_library(library: str, tmp_path: Path) -> None:
    if library == "XGBoost":
        workspace = version_of_xgboost(
            "reg:squarederror", 0, "xgboost.spark.estimator.SparkXGBRegressorModel", tmp_path
        )
    else:
        workspace = version_of_lightgbm("regression", 0, tmp_path)

    outputs = answers(BY_LIBRARY, workspace)

    check = Check.of(outputs, workspace.model.expected[:50])
    assert check.exact, check.sentence
    with pytest.raises(Absent, match=f"no program computes trees of {library}'s"):
        answers(BY_NUMPY, workspace)


def test_fastapi_has_no_library_for_a_model_of_sparks(tmp_path: Path) -> None:
    shutil.copy(GOLDENS / "logistic/model.pmml", tmp_path)
    shutil.copy(GOLDENS / "logistic/rows.jsonl", tmp_path / "verification.jsonl")
    workspace = Workspace(tmp_path / "work/x", read_lab_model(tmp_path / "model.pmml", JAR), JAR)

    with pytest.raises(Absent, match="the model is none of XGBoost's or LightGBM's"):
        answers(BY_LIBRARY, workspace)


@pytest.mark.parametrize(
    "case", ["linear_regression_categories", "logistic", "multinomial_categories", "multinomial_two_classes"]
)
def test_scikit_learn_gives_the_engines_numbers_of_rows_without_missing_ones(case: str, tmp_path: Path) -> None:
    shutil.copy(GOLDENS / case / "model.pmml", tmp_path)
    shutil.copy(GOLDENS / case / "rows.jsonl", tmp_path / "verification.jsonl")
    model = read_lab_model(tmp_path / "model.pmml", JAR)
    whole = [row for row in range(model.rows) if all(column[row] is not None for column in model.columns.values())]
    columns = {name: [column[row] for row in whole] for name, column in model.columns.items()}
    model = replace(model, columns=columns, expected=model.expected[whole])

    with WAYS["scikit-learn"].start(Workspace(tmp_path / "work" / case, model, JAR)) as program:
        outputs = program.check(model.rows).outputs

    np.testing.assert_allclose(outputs, model.expected, rtol=1e-9, atol=1e-12)


def test_another_librarys_model_is_none_of_xgboosts(tmp_path: Path) -> None:
    workspace = version_of_xgboost("reg:squarederror", 0, "mine.Regressor", tmp_path)

    with pytest.raises(Absent, match="has 0 models of XGBoost's"):
        WAYS["XGBoost"].start(workspace)


def answers(way: str, workspace: Workspace) -> Any:
    """What FastAPI gives for some rows."""
    with ExitStack() as stack, ThreadPoolExecutor() as starting:
        clients = stack.enter_context(Clients())
        hosts = {way: starting.submit(start_host, stack, workspace, way)}
        (found,) = (each for each in place_ways(Services(clients, (), Future(), hosts), "x") if each.name == way)
        with found.start(workspace) as program:
            return program.check(50).outputs


def version_of_xgboost(objective: str, classes: int, kind: str, folder: Path) -> Workspace:
    """A version of a model that XGBoost has trained, saved as `xgboost.spark` does it."""
    x, y = table(classes)
    options = {"objective": objective, "max_depth": 3, "nthread": 1, **({"num_class": 3} if classes == 3 else {})}
    saved = bytes(xgboost.train(options, xgboost.DMatrix(x, y), 5).save_raw("json"))
    with zipfile.ZipFile(folder / "pipeline.zip", "w") as archive:
        archive.writestr("stages/0_x/metadata/part-00000", json.dumps({"class": kind}))
        archive.writestr("stages/0_x/model/part-00000", saved)
    booster = XGBoost.parse(json.loads(saved))
    columns = {"link": "classes", **OF_CLASSES} if classes else {"link": booster.link}
    node = element(
        "xgboost", version=booster.version, features="features", size=FEATURES, missing=float("nan"),
        rebase=booster.rebase, prediction="prediction", **columns,
    )  # fmt: skip
    booster.write(node, None)
    return opened(folder, x, classes, [node])


def version_of_lightgbm(objective: str, classes: int, folder: Path) -> Workspace:
    """A version of a model that LightGBM has trained, saved as `pillion.lightgbm` does it."""
    x, y = table(classes)
    options = {"objective": objective, "num_leaves": 6, "min_data_in_leaf": 5, "num_threads": 1, "verbosity": -1}
    options |= {"num_class": classes} if classes > 2 else {}
    text = lightgbm.train(options, lightgbm.Dataset(x, np.abs(y)), 5).model_to_string()
    kind = f"LightGBM{'Classification' if classes else 'Regression'}Model"
    stage = {"class": f"pillion.lightgbm.{kind}", "paramMap": {"model": text}}
    with zipfile.ZipFile(folder / "pipeline.zip", "w") as archive:
        archive.writestr("stages/0_x/metadata/part-00000", json.dumps(stage))
    booster = LightGBM.parse(text)
    values = element("splitValues", in_="features", out="compared")
    columns = {"slope": booster.slope, **OF_CLASSES} if classes else {}
    node = element(
        "lightgbm", version=booster.version, features="compared", groups=booster.groups, average=booster.average,
        link=booster.link, prediction="prediction", **columns,
    )  # fmt: skip
    node.set("size", str(booster.write(values, node)))
    return opened(folder, x, classes, [values, node])


def table(classes: int) -> tuple[Any, Any]:
    """Rows, of which a tenth of the numbers is missing, and their labels."""
    draw = np.random.default_rng(7)
    x = draw.normal(size=(ROWS, FEATURES))
    x[draw.random(x.shape) < 0.1] = np.nan
    return x, draw.integers(0, classes, ROWS) if classes else draw.normal(size=ROWS)


def opened(folder: Path, x: Any, classes: int, stages: list[Any]) -> Workspace:
    """The version whose plan ends in these stages."""
    outputs = [
        f'<output field="p{i}" column="probability" element="{i}" type="double" kind="probability" class="{i}"/>'
        for i in range(classes)
    ]
    outputs = outputs or ['<output field="y" column="prediction" type="double" kind="prediction"/>']
    document = make_document(FEATURES, "".join([*(etree.tostring(stage).decode() for stage in stages), *outputs]))
    model = open_model(document, "auto", JAR)
    try:
        inputs = {f"x{i}": [None if np.isnan(value) else value for value in x[:, i].tolist()] for i in range(FEATURES)}
        return Workspace(folder / "work" / "x", make_lab_model("x", folder, document, model, inputs, ROWS), JAR)
    finally:
        model.close()
