import json
import zipfile
from pathlib import Path

import pytest

from pillion.lab.kept_booster import read_lightgbm, read_xgboost
from pillion.lab.program import Absent

PYTHON = "xgboost.spark.estimator.SparkXGBClassifierModel"
LIGHTGBM = "pillion.lightgbm.LightGBMRegressionModel"
JVM = "ml.dmlc.xgboost4j.scala.spark.XGBoostRegressionModel"


def pipeline(folder: Path, *stages: tuple[str, dict[str, bytes]], params: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(folder / "pipeline.zip", "w") as archive:
        archive.writestr("metadata/part-00000", json.dumps({"class": "org.apache.spark.ml.PipelineModel"}))
        for number, (kind, files) in enumerate(stages):
            archive.writestr(f"stages/{number}_x/metadata/part-00000", json.dumps({"class": kind, "paramMap": params}))
            for name, content in files.items():
                archive.writestr(f"stages/{number}_x/{name}", content)
    return folder / "pipeline.zip"


def test_the_parts_of_what_python_saved_are_joined_in_order(tmp_path: Path) -> None:
    saved = {"model/part-00001": b'"b"}\n', "model/part-00000": b'{"a":\n'}

    assert read_xgboost(pipeline(tmp_path, ("a.B", {"data/part-0": b"?"}), (PYTHON, saved))) == b'{"a":"b"}'


def test_what_the_jvm_saved_is_taken_as_it_is(tmp_path: Path) -> None:
    assert read_xgboost(pipeline(tmp_path, (JVM, {"data/model": b"ubj\n"}))) == b"ubj\n"


@pytest.mark.parametrize(
    ("stages", "count"), [((), 0), (((JVM, {"data/a": b"1"}), (PYTHON, {"model/part-0": b"2"})), 2)]
)
def test_none_and_several_are_refused(
    stages: tuple[tuple[str, dict[str, bytes]], ...], count: int, tmp_path: Path
) -> None:
    with pytest.raises(Absent, match=f"has {count} models of XGBoost's, and one is expected"):
        read_xgboost(pipeline(tmp_path, *stages))


def test_lightgbms_text_is_a_parameter_of_its_stage(tmp_path: Path) -> None:
    kept = pipeline(tmp_path, ("a.B", {}), (LIGHTGBM, {}), params={"model": "tree\nversion=v4"})

    assert read_lightgbm(kept) == b"tree\nversion=v4"
    with pytest.raises(Absent, match="has 0 models of XGBoost's"):
        read_xgboost(kept)
