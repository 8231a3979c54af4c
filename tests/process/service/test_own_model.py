"""A model of one's own, from a saved pipeline and tables to an answer of the shim, by commands alone.

Ids are text, the request says something that no other data set of ours has, and the served scores are Spark's.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pandas as pd
import pytest
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.sql.functions import col
from typer.testing import Result

from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError
from pillion.export.session import create_session
from pillion.features.store_process import StoreProcess
from pillion.project import FILE, VARIABLE
from pillion.scoring import ModelRepository
from pillion.scoring.sidecar_process import SidecarProcess
from pillion.shim.process import ShimProcess
from tests.support.command import invoke
from tests.support.shim import PATIENT
from tools.checkout import JAR

pytestmark = [pytest.mark.process, pytest.mark.spark]
WARDS = ["surgery", "Innere", "eye/ear"]
ASKED = "pat/3 ü"


@dataclass
class Own:
    """What somebody brings, and what Spark says of it.

    Attributes:
        folder: Has the pipeline, its schema, rows, and the tables.
        expected: Spark's score of each item for ASKED in an emergency.
    """

    folder: Path
    expected: dict[str, float]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Own:
    folder = tmp_path_factory.mktemp("own")
    random = np.random.default_rng(3)
    patients = pd.DataFrame(
        {
            "patient": [f"pat/{number} ü" for number in range(40)],
            "age": random.integers(1, 90, 40),
            "visits": [None if number % 7 == 0 else float(number) / 3 for number in range(40)],
        }
    )
    places = pd.DataFrame(
        {
            "bed": [f"B{number:02d}" for number in range(12)],
            "title": [f"Bed {number}" for number in range(12)],
            "ward": [WARDS[number % 3] for number in range(12)],
            "noise": random.uniform(0, 1, 12),
        }
    )
    stays = pd.DataFrame(
        {
            "patient": random.choice(patients["patient"], 900),
            "bed": random.choice(places["bed"], 900),
            "arrival": random.choice(["walk-in", "ambulance"], 900),
        }
    )
    rows = stays.merge(patients, on="patient").merge(places, on="bed").drop(columns=["patient", "bed", "title"])
    rows["visits"] = rows["visits"].fillna(0.0)
    margin = rows["noise"] - 0.5 + (rows["arrival"] == "ambulance") * (rows["ward"] == "surgery") - rows["age"] / 200
    rows["label"] = (random.random(len(rows)) < 1 / (1 + np.exp(-2 * margin))).astype(float)
    patients.to_parquet(folder / "patients.parquet")
    places.to_csv(folder / "places.csv", index=False)
    stays.head(300).to_json(folder / "stays.jsonl", orient="records", lines=True)
    rows.drop(columns="label").head(400).to_csv(folder / "rows.csv", index=False)
    return Own(folder, train(folder, rows, patients, places))


def train(folder: Path, rows: pd.DataFrame, patients: pd.DataFrame, places: pd.DataFrame) -> dict[str, float]:
    texts, numbers = ["arrival", "ward"], ["age", "visits", "noise"]
    indexed, hot = [f"{name}_index" for name in texts], [f"{name}_hot" for name in texts]
    session = create_session()
    try:
        frame = session.createDataFrame(rows)
        model = Pipeline(
            stages=[
                StringIndexer(inputCols=texts, outputCols=indexed, handleInvalid="keep"),
                OneHotEncoder(inputCols=indexed, outputCols=hot),
                VectorAssembler(inputCols=[*hot, *numbers], outputCol="features"),
                LogisticRegression(regParam=0.01),
            ]
        ).fit(frame)
        model.write().save(str(folder / "triage"))
        (folder / "schema.json").write_text(frame.schema.json())
        wanted = (
            patients[patients["patient"] == ASKED].merge(places, how="cross").assign(arrival="ambulance", label=0.0)
        )
        scored = model.transform(session.createDataFrame(wanted)).select(
            "bed", vector_to_array(col("probability"))[1].alias("score")
        )
        return {row["bed"]: row["score"] for row in scored.collect()}
    finally:
        session.stop()


def pillion(*arguments: str) -> Result:
    return invoke(*arguments)


def init(own: Own) -> Result:
    tables = ["--users", "patients.parquet", "--items", "places.csv", "--events", "stays.jsonl"]
    return pillion("init", "--pipeline", "triage", "--schema", "schema.json", *tables)


def publish(*more: str) -> Result:
    files = ["--pipeline", "triage", "--schema", "schema.json", "--data", "rows.csv"]
    return pillion("publish", *files, "--models", "models", *more)


@pytest.fixture(scope="module")
def served(own: Own) -> Iterator[httpx.Client]:
    """The shim, after all the commands that the guide names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(own.folder)
        drafted = init(own)
        assert drafted.exit_code == 0, drafted.output
        text = Path(FILE).read_text()
        Path(FILE).write_text(text.replace("# segments = []  ", 'segments = ["arrival"]  #'))
        patch.setenv("PILLION_SIDECAR_JAR", str(JAR))
        published = publish("--require-exact")
        assert published.exit_code == 0, (published.output, published.exception)
        told = json.loads(published.stdout.splitlines()[-1])
        assert (told["model"], told["version"], told["engine"], told["arithmetic"]) == (
            "triage",
            1,
            "compiled",
            "spark",
        )
        with StoreProcess() as store:
            loaded = pillion("features", "load", "--store", store.url)
            assert loaded.exit_code == 0, (loaded.output, loaded.exception)
            checked = pillion("features", "check", "--store", store.url, "--models", "models")
            assert checked.exit_code == 0, (checked.output, checked.exception)
            sidecar = SidecarProcess(SidecarSettings(jar=JAR, models=Path("models")))
            with sidecar as running:
                address = next(line.split()[1] for line in running.addresses if line.startswith("sidecar-http"))
                environment = {**PATIENT, VARIABLE: str(own.folder / FILE)}
                shim = ShimProcess(address, store.url, own.folder / "models", environment=environment)
                try:
                    with httpx.Client(base_url=shim.start(), timeout=60.0, trust_env=False) as client:
                        yield client
                finally:
                    shim.stop()


def test_the_answer_has_sparks_scores_for_text_ids(own: Own, served: httpx.Client) -> None:
    path = f"/v1/recommendations/{quote(ASKED, safe='')}"
    answer = served.get(path, params={"arrival": "ambulance", "k": 12}).json()

    assert (answer["source"], answer["reason"], answer["model"], answer["engine"]) == (
        "online",
        None,
        "triage",
        "compiled",
    )
    scores = {item["item_id"]: item["score"] for item in answer["items"]}
    assert scores
    assert scores == {item: own.expected[item] for item in scores}
    assert list(scores) == sorted(scores, key=lambda item: (-scores[item], item))
    assert all(item["title"] == f"Bed {int(item['item_id'][1:])}" for item in answer["items"])


def test_candidates_are_text_and_the_request_is_held_to_the_project_file(own: Own, served: httpx.Client) -> None:
    body = {"user_id": ASKED, "candidates": ["B03", "none"], "context": {"arrival": "ambulance"}}
    answer = served.post("/v1/recommendations", json=body).json()
    wrong = served.post("/v1/recommendations", json={**body, "context": {"device": "tv"}})
    query = served.get("/v1/recommendations/x", params={"device": "tv"})

    assert answer["unknown_items"] == ["none"]
    assert answer["seen_items"] + len(answer["items"]) == 1
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "context.device")
    assert (query.status_code, query.json()["error"]["field"]) == (400, "device")


def test_what_a_model_and_its_project_file_do_not_agree_on_is_told_at_once(
    own: Own, served: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own.folder)
    whole = Path(FILE).read_text()

    def refused(text: str) -> str:
        (tmp_path / FILE).write_text(text)
        done = publish("--config", str(tmp_path / FILE))
        assert isinstance(done.exception, ConfigurationError), done.output
        return str(done.exception)

    assert "does not say where 'age' of the pipeline triage comes from" in refused(
        whole.replace("[inputs.age]", "[inputs.old]")
    )
    assert "'age' (string instead of integer)" in refused(
        whole.replace(
            '[inputs.age]\nsource = "user"\ntype = "integer"', '[inputs.age]\nsource = "user"\ntype = "string"'
        )
    )
    assert "does not say how the model ranks" in refused(whole.replace("[ranking]\nscore", "# score"))


def test_publishing_again_gives_the_next_number_and_leaves_the_first(
    own: Own, served: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own.folder)
    before = Path("models/triage/1/manifest.json").read_bytes()

    told = json.loads(publish().stdout.splitlines()[-1])

    assert told["version"] == 2
    assert ModelRepository(Path("models")).versions("triage") == [1, 2]
    assert Path("models/triage/1/manifest.json").read_bytes() == before


def test_an_export_into_a_repository_is_of_its_model_and_number(
    own: Own, served: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own.folder)
    files = ["--pipeline", "triage", "--schema", "schema.json", "--data", "rows.csv"]

    done = pillion("export", *files, "--output", "elsewhere/late/3")

    assert done.exit_code == 0, (done.output, done.exception)
    manifest: Any = json.loads(Path("elsewhere/late/3/manifest.json").read_bytes())
    assert (manifest["model"], manifest["version"]) == ("late", 3)


def test_up_fills_its_store_with_the_tables_and_serves_the_model(
    own: Own, served: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own.folder)
    command = [sys.executable, "-c", "from pillion.cli import main; main()", "up", "--port", "0", "--models", "models"]
    environment = {**os.environ, **PATIENT, "PILLION_SIDECAR_JAR": str(JAR), "PILLION_SHIM_WORKERS": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next((line.split()[2] for line in lines if line.startswith("LISTENING shim ")), None)
        try:
            assert address is not None
            query: dict[str, str | int] = {"arrival": "ambulance", "k": 1}
            path = f"{address}/v1/recommendations/{quote(ASKED, safe='')}"
            answer = httpx.get(path, params=query, timeout=60.0, trust_env=False).json()
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)

    assert (answer["source"], answer["model"]) == ("online", "triage")
    assert answer["items"][0]["score"] == own.expected[answer["items"][0]["item_id"]]
