"""The guide's page “Your own model”, followed step by step with the installed wheel in an empty folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pillion.features.store_process import StoreProcess
from tests.support.guide_page import Walk, read_page
from tests.support.shim import PATIENT
from tools.checkout import ROOT

pytestmark = [pytest.mark.process, pytest.mark.spark, pytest.mark.timeout(1500)]
PAGE = ROOT / "docs/your-own-model.md"
EXAMPLE = ROOT / "examples/lecturers"


@pytest.fixture(scope="module")
def walk(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """The reader at the end of the page."""
    with StoreProcess() as store:
        path = f"{installed}:/usr/local/bin:/usr/bin:/bin"
        settings = {"PILLION_STORE_URL": store.url, "PILLION_SHIM_WORKERS": "1", "PATH": path}
        reader = Walk(tmp_path_factory.mktemp("lecturers"), {**PATIENT, **settings})
        try:
            for step in read_page(PAGE):
                reader.follow(step)
            yield reader
        finally:
            reader.end()


def test_the_page_has_the_files_of_the_example() -> None:
    files = {step.name: step.text for step in read_page(PAGE) if step.name}

    assert files == {name: (EXAMPLE / name).read_text(encoding="utf-8") for name in files}
    assert files.keys() == {path.name for path in EXAMPLE.iterdir()} - {"README.md"}


def test_the_page_is_true_to_the_answers_whose_scores_are_sparks(walk: Walk) -> None:
    from pyspark.ml import PipelineModel
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql.functions import col

    from pillion.export.session import create_session

    spark = create_session()
    answers: list[dict[str, Any]] = [
        json.loads(text) for command, text in walk.told.items() if command.startswith("curl") and "json.tool" in command
    ]
    online = [answer for answer in answers if answer["source"] == "online"]
    students, lecturers = pd.read_parquet(walk.folder / "students.parquet"), pd.read_csv(walk.folder / "lecturers.csv")
    pairs = students[students["student"] == "s1"].merge(lecturers, how="cross")
    model = PipelineModel.load(str(walk.folder / "lecturers"))

    assert [len(answer["items"]) for answer in online] == [3, 1]
    for answer, service in zip(online, ["yes", "no"], strict=True):
        scored = model.transform(spark.createDataFrame(pairs.assign(service=service)))
        rows = scored.select("lecturer", vector_to_array(col("probability"))[1].alias("score")).collect()
        expected = {row["lecturer"]: row["score"] for row in rows}
        scores = {item["item_id"]: item["score"] for item in answer["items"]}
        assert scores == {lecturer: expected[lecturer] for lecturer in scores}
