"""MLflow: versions logged as models with signature, figures and report, and models of Spark's read from its folders."""

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlflow
import pandas as pd
import pytest
import yaml
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

import pillion
from pillion.errors import ConfigurationError

pytestmark = pytest.mark.spark


def test_a_version_is_logged_with_signature_figures_and_report_and_predicts_what_spark_does(
    model: PipelineModel, frame: DataFrame, table: pd.DataFrame, run: Any
) -> None:
    version = pillion.export(model, frame, name="late")
    info = pillion.mlflow.log_model(version, "late")
    loaded = pillion.mlflow.load_model(info.model_uri)
    scores = loaded.predict(table.drop(columns="label"))

    expected = [row["probability"][1] for row in model.transform(frame).select("probability").collect()]
    assert scores["probability(1)"].tolist() == expected
    assert [(each.name, str(each.type)) for each in loaded.metadata.signature.inputs] == [
        ("carrier", "DataType.string"), ("age", "DataType.double"), ("stops", "DataType.long"),
    ]  # fmt: skip
    assert loaded.metadata.flavors["pillion"]["arithmetic"] == "spark"
    client = mlflow.MlflowClient()
    assert client.get_run(run.info.run_id).data.metrics["compiled.max_ulps"] == 0
    assert "report.html" in [each.path for each in client.list_artifacts(run.info.run_id)]


def test_inputs_of_types_that_mlflow_lacks_are_of_any() -> None:
    fields = [{"name": "price", "type": "string", "format": "decimal(8,2)"}, {"name": "age", "type": "double"}]
    manifest = {"contract": {"inputs": fields}, "outputs": [{"name": "prediction", "type": "double"}]}
    version: Any = SimpleNamespace(manifest=manifest)
    signature = pillion.mlflow.signature_of(version)

    for price in (4.5, Decimal("4.5"), "4.5"):
        rows = pd.DataFrame({"price": [price], "age": [1.0]})
        mlflow.models.validate_schema(rows, signature.inputs)
    with pytest.raises(mlflow.MlflowException, match="age"):
        mlflow.models.validate_schema(pd.DataFrame({"price": [4.5], "age": ["old"]}), signature.inputs)


def test_a_folder_of_mlflow_is_read_as_the_model_of_spark_in_it(
    model: PipelineModel, frame: DataFrame, here: Path
) -> None:
    mlflow.spark.save_model(model, "kept", dfs_tmpdir=(here / "dfs").as_uri(), pip_requirements=["pyspark"])

    assert pillion.export("kept", frame).arithmetic == "spark"

    (here / "kept" / "MLmodel").write_text(yaml.safe_dump({"flavors": {"sklearn": {}}}))
    with pytest.raises(ConfigurationError, match="kept is a model of MLflow's without a flavor 'spark'"):
        pillion.check("kept")
