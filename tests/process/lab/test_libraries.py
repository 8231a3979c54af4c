"""Models by the library that they are of."""

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xgboost
from lxml import etree

from pillion.export.plan.element import element
from pillion.export.plan.xgboost_booster import Booster
from pillion.lab.lab_model import make_lab_model, read_lab_model
from pillion.lab.languages import Way, language_ways
from pillion.lab.program import Absent
from pillion.lab.results import Check
from pillion.lab.sizes import make_document
from pillion.lab.workspace import Workspace
from pillion.scoring.jvm import open_model
from tools.checkout import JAR, ROOT

WAYS: dict[str, Way] = {way.name: way for way in language_ways()}
FEATURES, ROWS = 4, 200
GOLDENS = ROOT / "tests/golden/data"


@pytest.mark.parametrize(
    ("objective", "classes", "kind"),
    [("reg:squarederror", 0, "Regressor"), ("binary:logistic", 2, "Classifier"), ("multi:softprob", 3, "Classifier")],
)
def test_xgboost_itself_gives_the_engines_numbers(objective: str, classes: int, kind: str, tmp_path: Path) -> None:
    workspace = workspace_of(objective, classes, f"xgboost.spark.estimator.SparkXGB{kind}Model", tmp_path)
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
    workspace = workspace_of("reg:squarederror", 0, "mine.Regressor", tmp_path)

    with pytest.raises(Absent, match="has 0 models of XGBoost's"):
        WAYS["XGBoost"].start(workspace)


def workspace_of(objective: str, classes: int, kind: str, folder: Path) -> Workspace:
    """A version of a model that XGBoost has trained, saved as `xgboost.spark` does it."""
    draw = np.random.default_rng(7)
    x = draw.normal(size=(ROWS, FEATURES))
    x[draw.random(x.shape) < 0.1] = np.nan
    y = draw.integers(0, classes, ROWS) if classes else draw.normal(size=ROWS)
    options = {"objective": objective, "max_depth": 3, "nthread": 1, **({"num_class": 3} if classes == 3 else {})}
    saved = bytes(xgboost.train(options, xgboost.DMatrix(x, y), 5).save_raw("json"))
    with zipfile.ZipFile(folder / "pipeline.zip", "w") as archive:
        archive.writestr("stages/0_x/metadata/part-00000", json.dumps({"class": kind}))
        archive.writestr("stages/0_x/model/part-00000", saved)
    booster = Booster.parse(json.loads(saved))
    columns = {"link": "classes", "raw": "raw", "probability": "probability"} if classes else {"link": booster.link}
    node = element(
        "xgboost", version=booster.version, features="features", size=FEATURES, missing=float("nan"),
        rebase=booster.rebase, prediction="prediction", **columns,
    )  # fmt: skip
    booster.write(node, None)
    outputs = [
        f'<output field="p{i}" column="probability" element="{i}" type="double" kind="probability" class="{i}"/>'
        for i in range(classes)
    ]
    outputs = outputs or ['<output field="y" column="prediction" type="double" kind="prediction"/>']
    document = make_document(FEATURES, "".join([etree.tostring(node).decode(), *outputs]))
    opened = open_model(document, "auto", JAR)
    try:
        inputs = {f"x{i}": [None if np.isnan(value) else value for value in x[:, i].tolist()] for i in range(FEATURES)}
        return Workspace(folder / "work" / "x", make_lab_model("x", folder, document, opened, inputs, ROWS), JAR)
    finally:
        opened.close()
