"""`pillion plan`, as people call it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import Command


def test_the_verdict_and_its_figures_are_json(pillion: Command) -> None:
    done = pillion("plan", "--users", "100e6", "--items", "10e6", "--json")

    made = json.loads(done.out)
    assert done.code == 0
    assert (made["verdict"], made["binding"]) == ("online", "compute")
    assert made["figures"]["every pair"] == {"value": 4e15, "unit": "bytes", "how": "users × items × 4, were all kept"}


def test_what_is_measured_replaces_what_is_assumed(pillion: Command, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"

    done = pillion("plan", "--users", "20000", "--items", "300", "--measure", "--json", "--plot", str(page))

    made = json.loads(done.out)
    assert done.code == 0, done.err
    assert made["figures"]["an answer"]["how"] == "measured in this store"
    assert 90 < made["figures"]["an answer"]["value"] < 110
    assert page.read_text().count("<svg") == 3


@pytest.mark.spark
@pytest.mark.timeout(300)
def test_both_ways_to_score_in_spark_are_measured_and_give_the_same_bits(root: Path, jar: Path) -> None:
    arguments = [
        "plan",
        "--users",
        "1000",
        "--items",
        "300",
        "--measure",
        "--model",
        "ranker",
        "--models",
        "pmml-models",
        "--json",
    ]
    # A process of its own: the command stops Spark at its end, which other tests share.
    done = subprocess.run(
        [sys.executable, "-c", "from pillion.cli import main; main()", *arguments],
        cwd=root, env={**os.environ, "PILLION_SIDECAR_JAR": str(jar)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    spark = made["spark"]
    assert (spark["cores"], spark["rows"] > 1000) == (2, True)
    assert spark["engine_s"] > 0
    assert spark["pipeline_s"] > 0
    assert made["workload"]["pairs_s"] == spark["engine_s"] / 2


def test_numbers_that_cannot_be_are_refused_in_one_sentence(pillion: Command) -> None:
    done = pillion("plan", "--users", "10", "--items", "3", "--candidates", "5", "--server", "foo")

    assert done.code == 2
    assert done.err == (
        "error: server is 'foo', and has to be one of valkey, redis; candidates is 5, and there are 3 items\n"
    )
