"""A model of one's own, from a saved pipeline and tables to an answer of the shim, by commands alone.

Ids are whole numbers beyond doubles, inputs are of every type and may be missing, the hour and the weekday are derived
in New York, and the served scores are Spark's.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import Result

from pillion.config import SidecarSettings, StoreSettings
from pillion.errors import ConfigurationError
from pillion.export.session import spark_session
from pillion.features.store_process import StoreProcess
from pillion.project import FILE, VARIABLE
from pillion.scoring import ModelRepository
from pillion.scoring.sidecar_process import SidecarProcess
from pillion.shim.process import ShimProcess
from tests.support.command import invoke
from tests.support.planes import MOMENT, Planes, bring
from tests.support.shim import PATIENT
from tools.checkout import JAR

pytestmark = [pytest.mark.process, pytest.mark.spark]
SAID: dict[str, Any] = {"origin": "JFK", "timestamp": MOMENT.timestamp()}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Planes:
    with spark_session() as session:
        return bring(tmp_path_factory.mktemp("own"), session)


def pillion(*arguments: str) -> Result:
    return invoke(*arguments)


def init(own: Planes) -> Result:
    tables = ["--users", "planes.parquet", "--items", "airports.csv", "--events", "flights"]
    return pillion("init", "--pipeline", "punctual", "--schema", "schema.json", *tables)


def publish(*more: str) -> Result:
    files = ["--pipeline", "punctual", "--schema", "schema.json", "--data", "rows.parquet"]
    return pillion("publish", *files, "--models", "models", *more)


@pytest.fixture(scope="module")
def served(own: Planes) -> Iterator[httpx.Client]:
    """The shim, after all the commands that the guide names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(own.folder)
        drafted = init(own)
        assert drafted.exit_code == 0, drafted.output
        text = Path(FILE).read_text()
        assert 'segments = ["origin"]' in text
        Path(FILE).write_text(text.replace('zone = "UTC"', 'zone = "America/New_York"'))
        patch.setenv("PILLION_SIDECAR_JAR", str(JAR))
        published = publish("--require-exact")
        assert published.exit_code == 0, (published.output, published.exception)
        told = json.loads(published.stdout.splitlines()[-1])
        assert (told["model"], told["version"], told["engine"], told["arithmetic"]) == (
            "punctual",
            1,
            "compiled",
            "spark",
        )
        with StoreProcess() as store:
            loaded = pillion("features", "load", "--store", store.url)
            assert loaded.exit_code == 0, (loaded.output, loaded.exception)
            checked = pillion("features", "check", "--store", store.url, "--models", "models")
            assert checked.exit_code == 0, (checked.output, checked.exception)
            settings = SidecarSettings(jar=JAR, models=Path("models"))
            sidecar = SidecarProcess(settings, store=StoreSettings(url=store.url))
            with sidecar as running:
                address = running.address_of("sidecar-http")
                environment = {**PATIENT, VARIABLE: str(own.folder / FILE)}
                shim = ShimProcess(address, store.url, own.folder / "models", environment=environment)
                try:
                    with httpx.Client(base_url=shim.start(), timeout=60.0, trust_env=False) as client:
                        yield client
                finally:
                    shim.stop()


@pytest.mark.parametrize("which", ["all is known", "all is missing"])
def test_the_answer_has_sparks_scores_for_values_of_every_type(own: Planes, served: httpx.Client, which: str) -> None:
    plane = own.asked[which == "all is missing"]
    expected = own.expected[plane]
    answer = served.get(f"/v1/recommendations/{plane}", params={**SAID, "k": 200}).json()

    assert (answer["source"], answer["reason"], answer["model"], answer["engine"]) == (
        "online",
        None,
        "punctual",
        "compiled",
    )
    assert answer["user_id"] == plane
    scores = {item["item_id"]: item["score"] for item in answer["items"]}
    assert len(scores) + answer["seen_items"] == len(expected)
    assert scores == {item: expected[item] for item in scores}
    assert list(scores) == sorted(scores, key=lambda item: (-scores[item], item))
    assert {item["title"] for item in answer["items"]} >= {"Elsewhere", "Los Angeles Intl"}


def test_an_hour_that_the_request_gives_is_not_derived(own: Planes, served: httpx.Client) -> None:
    body = {"user_id": own.asked[0], "k": 1, "context": {**SAID, "hour": 17, "weekday": 3}}
    same = served.post("/v1/recommendations", json=body).json()
    other = served.post("/v1/recommendations", json={**body, "context": {**SAID, "hour": 5}}).json()

    assert same["items"][0]["score"] == own.expected[own.asked[0]][same["items"][0]["item_id"]]
    assert other["items"][0]["score"] != same["items"][0]["score"]


def test_candidates_are_numbers_and_the_request_is_held_to_the_project_file(own: Planes, served: httpx.Client) -> None:
    unknown = 2**63 - 1
    body = {"user_id": own.asked[1], "candidates": [next(iter(own.expected[own.asked[1]])), unknown], "context": SAID}
    answer = served.post("/v1/recommendations", json=body).json()
    wrong = served.post("/v1/recommendations", json={**body, "context": {"device": "tv"}})
    query = served.get("/v1/recommendations/1", params={"device": "tv"})

    assert answer["unknown_items"] == [unknown]
    assert answer["seen_items"] + len(answer["items"]) == 1
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (400, "context.device")
    assert (query.status_code, query.json()["error"]["field"]) == (400, "device")


def test_what_a_model_and_its_project_file_do_not_agree_on_is_told_at_once(
    own: Planes, served: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own.folder)
    whole = Path(FILE).read_text()

    def refused(text: str) -> str:
        (tmp_path / FILE).write_text(text)
        done = publish("--config", str(tmp_path / FILE))
        assert isinstance(done.exception, ConfigurationError), done.output
        return str(done.exception)

    assert "does not say where 'seats' of the pipeline punctual comes from" in refused(
        whole.replace("[inputs.seats]", "[inputs.old]")
    )
    assert "'latitude' (double instead of decimal(9,6))" in refused(
        whole.replace('source = "item"\ntype = "decimal"', 'source = "item"\ntype = "double"')
    )
    assert "does not say how the model ranks" in refused(whole.replace("[ranking]\nscore", "# score"))


def test_publishing_again_gives_the_next_number_and_leaves_the_first(
    own: Planes, served: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own.folder)
    before = Path("models/punctual/1/manifest.json").read_bytes()

    told = json.loads(publish().stdout.splitlines()[-1])

    assert told["version"] == 2
    assert ModelRepository(Path("models")).versions("punctual") == [1, 2]
    assert Path("models/punctual/1/manifest.json").read_bytes() == before


def test_a_pipeline_is_checked_and_published_without_a_project_file(
    own: Planes, served: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = ["--pipeline", str(own.folder / "punctual"), "--schema", str(own.folder / "schema.json")]

    checked = pillion("check", *files)
    done = pillion(
        "publish", *files, "--data", str(own.folder / "rows.parquet"), "--models", "models", "--name", "late"
    )

    assert checked.exit_code == 0, (checked.output, checked.exception)
    assert "takes: " in checked.stdout
    assert done.exit_code == 0, (done.output, done.exception)
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["model"], told["version"], told["arithmetic"], told["inexact"]) == ("late", 1, "spark", None)
    assert ModelRepository(Path("models")).read("late").ranking is None


def test_an_export_into_a_repository_is_of_its_model_and_number(
    own: Planes, served: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own.folder)
    files = ["--pipeline", "punctual", "--schema", "schema.json", "--data", "rows.parquet"]

    done = pillion("export", *files, "--output", "elsewhere/late/3")

    assert done.exit_code == 0, (done.output, done.exception)
    manifest: Any = json.loads(Path("elsewhere/late/3/manifest.json").read_bytes())
    assert (manifest["model"], manifest["version"]) == ("late", 3)


def test_up_fills_its_store_with_the_tables_and_serves_the_model(
    own: Planes, served: httpx.Client, monkeypatch: pytest.MonkeyPatch
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
            path = f"{address}/v1/recommendations/{own.asked[1]}"
            answer = httpx.get(path, params={**SAID, "k": 1}, timeout=60.0, trust_env=False).json()
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)

    assert (answer["source"], answer["model"]) == ("online", "punctual")
    assert answer["items"][0]["score"] == own.expected[own.asked[1]][answer["items"][0]["item_id"]]
