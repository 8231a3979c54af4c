"""`pillion batch` on a standalone cluster of Spark: the same answers as on this machine alone."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pillion.features.store_process import StoreProcess
from tests.support import batch_run
from tests.support.spark_cluster import spark_cluster
from tools.checkout import JAR, ROOT

pytestmark = [pytest.mark.process, pytest.mark.spark, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with spark_cluster(tmp_path_factory.mktemp("cluster")) as environment:
        yield environment


@pytest.fixture
def url() -> Iterator[str]:
    with StoreProcess() as process:
        batch_run.fill(process.url)
        yield process.url


def _batch(url: str, environment: dict[str, str], *arguments: str) -> dict[str, object]:
    command = [
        sys.executable, "-c", "from pillion.cli import main; main()", "batch", "--models", str(batch_run.MODELS),
        "--model", "ranker", "-k", "12", "--candidates", "60", "--online", "device=tv", "--online", "hour=21",
        "--online", "weekday=5", "--store", url, "--json", *arguments,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PILLION_SIDECAR_JAR": str(JAR), **environment}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_a_cluster_gives_the_answers_that_this_machine_gives(url: str, cluster: dict[str, str]) -> None:
    alone = _batch(url, {}, "--compare", "0")
    before = batch_run.answers(url)
    given = dict(cluster)
    master = given.pop("PILLION_SPARK_MASTER")
    told = _batch(url, given, "--anew", "--master", master, "--memory", "512m")

    assert (told["carried"], told["pairs"], told["users"]) == (0, alone["pairs"], alone["users"])
    assert told["executors"] == 2
    assert (told["compared"], told["differing"]) == (50, [])
    assert batch_run.answers(url) == before
