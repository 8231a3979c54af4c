"""The Python API's reference: its examples, run as they stand, and that it is what the docstrings say."""

import doctest
from pathlib import Path

import pandas as pd
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

import pillion
from pillion.api import reference

pytestmark = pytest.mark.spark


def test_every_example_is_true(model: PipelineModel, frame: DataFrame, table: pd.DataFrame, run: object) -> None:
    version = pillion.export(model, frame, name="late")
    documented = {**reference.functions(), **{name: getattr(pillion, name) for name in reference.CLASSES}}
    names = {"pillion": pillion, "model": model, "frame": frame, "pandas_frame": table.head(3), "version": version}
    found = [
        test
        for name, each in documented.items()
        for test in doctest.DocTestFinder().find(each, name, globs=names)
        if test.examples
    ]
    runner = doctest.DocTestRunner()
    for test in sorted(found, key=lambda test: test.name != "Version.publish"):  # the others load what it publishes
        runner.run(test, clear_globs=False)

    assert runner.summarize().failed == 0
    tried = {test.name for test in found}
    assert set(reference.FUNCTIONS) - {"mlflow.load_model"} < tried  # that of mlflow.log_model has it
    assert {"Version.publish", "Version.report", "Model.predict"} <= tried


def test_the_reference_is_up_to_date(root: Path) -> None:
    assert reference.describe_api() == (root / "docs" / "python-api.md").read_text(encoding="utf-8"), "run `make docs`"
