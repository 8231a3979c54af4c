"""Whole questions, with samples as short as can be."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pillion.errors import InvalidInput
from pillion.lab import run
from pillion.lab.benchmark import benchmark_version
from pillion.lab.builds import PROGRAMS
from pillion.lab.lab_model import read_lab_model
from pillion.lab.languages import language_ways
from pillion.lab.measure import Effort
from pillion.lab.page import make_page
from pillion.lab.places import BY_LIBRARY, BY_NUMPY, IN_GO, NETWORKS
from pillion.lab.program import RunningProgram
from pillion.lab.questions import CLASSES, HARDWARE, PLACE, SIZE, TREES
from pillion.lab.results import Results
from pillion.lab.run import Scope, run_lab
from pillion.lab.workspace import Workspace
from tools.checkout import JAR, ROOT

RANKER = ROOT / "pmml-models/ranker/1/model.pmml"
GOLDENS = ROOT / "tests/golden/data"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    effort = Effort(rounds=1, sample_s=1e-4, warm_s=1e-4, call_s=60.0)
    tiny = {TREES: (3,), CLASSES: (4,)}
    monkeypatch.setattr(run, "QUICK", Scope(effort, {PLACE: (1,), HARDWARE: (1, 10)}, NETWORKS, False, tiny))


def test_all_places_give_the_engines_bits(tmp_path: Path) -> None:
    results = run_lab([read_lab_model(RANKER, JAR)], tmp_path / "lab.json", JAR, questions=[PLACE], quick=True)

    (model,) = results
    inexact = {way for (_, way), check in model.checks.items() if not check.exact}
    assert set(model.absent) <= {
        (PLACE, IN_GO),
        (PLACE, BY_LIBRARY),
    }  # where there is no Go; the model is of no library
    # C's exponential and NumPy's have last bits of their own.
    assert inexact - {IN_GO} == {BY_NUMPY}
    assert all(model.checks[PLACE, way].difference < 1e-12 for way in inexact)
    assert len(model.of(PLACE)) + len(model.absent) == 26
    away = model.point(PLACE, "5 ms away, binary", 1)
    assert away is not None
    assert away.median >= 0.005


def test_threads_share_the_rows_of_a_batch_and_no_device_is_told(tmp_path: Path) -> None:
    results = run_lab([read_lab_model(RANKER, JAR)], tmp_path / "lab.json", JAR, questions=[HARDWARE], quick=True)

    (model,) = results
    assert all(check.exact for (_, way), check in model.checks.items() if way.startswith("Pillion"))
    assert "no device was asked for" in model.absent[HARDWARE, "PyTorch on cuda"]
    assert "No device was measured, so nothing is said of one." in make_page(results)


def test_models_that_are_made_up_are_scored_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = tuple(way for way in language_ways() if way.name in ("plain Python", "Java", "Pillion, in a Java host"))
    monkeypatch.setattr(run, "language_ways", lambda **_: ways)
    results = run_lab([], tmp_path / "lab.json", JAR, questions=[SIZE], quick=True)

    assert [model.facts["axis"] for model in results.made] == [TREES, CLASSES]
    assert all(model.checks[SIZE, "Java"].exact for model in results.made)
    assert all(check.difference < 1e-9 for model in results.made for check in model.checks.values())
    assert "Time a row by trees" in make_page(results)


def test_a_version_is_measured_on_rows_of_ones_own(tmp_path: Path) -> None:
    frame = pd.DataFrame(dict(read_lab_model(RANKER, JAR).columns)).head(50)

    found = benchmark_version(RANKER.parent, frame, JAR, questions=[HARDWARE])

    (model,) = found.results
    assert model.facts["rows"] == 50
    assert model.checks[HARDWARE, "Pillion, one thread"].exact
    assert "| Pillion, one thread | the engine's bits |" in repr(found)
    assert found.save(tmp_path / "late.html").read_text(encoding="utf-8") == found.page


def test_an_unknown_question_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'colour' is no question"):
        run_lab([], tmp_path / "lab.json", JAR, questions=["colour"])


def test_results_of_another_effort_are_not_thrown_away(tmp_path: Path) -> None:
    run_lab([], tmp_path / "lab.json", JAR, questions=[PLACE], quick=True)

    with pytest.raises(InvalidInput, match="holds results of a run with --quick; name another --out"):
        run_lab([], tmp_path / "lab.json", JAR, questions=[PLACE])


@pytest.mark.parametrize("case", ["linear_regression", "multinomial_categories", "gbt_classifier_categories",
                                  "forest_classifier_categories", "standard_scaler"])  # fmt: skip
def test_pytorch_gives_the_engines_numbers_on_the_processor(case: str, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed here")
    shutil.copy(GOLDENS / case / "model.pmml", tmp_path)
    shutil.copy(GOLDENS / case / "rows.jsonl", tmp_path / "verification.jsonl")
    model = read_lab_model(tmp_path / "model.pmml", JAR)
    workspace = Workspace(tmp_path / "work", model, JAR)
    command = [sys.executable, str(PROGRAMS / "torch" / "device.py")]

    program: RunningProgram
    with workspace.run(command, "cpu", "1") as program:
        outputs = program.check(model.rows).outputs

    np.testing.assert_allclose(outputs, model.expected, rtol=1e-9, atol=1e-12)


def test_one_script_measures_a_folder_of_models_and_its_results_are_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed here")
    from pillion.lab.programs.torch import device

    results = run_lab([read_lab_model(RANKER, JAR)], tmp_path / "lab.json", JAR, questions=[HARDWARE], quick=True)
    for name, value in {"SIZES": (1, 10), "_ROUNDS": 2, "_SAMPLE_S": 1e-4, "_WARM_S": 1e-4}.items():
        monkeypatch.setattr(device, name, value)
    arguments = [str(tmp_path / "lab.work"), "--device", "cpu", "--out", str(tmp_path / "device.json")]
    monkeypatch.setattr(sys, "argv", ["device.py", *arguments])
    device.main()
    results.merge(Results.load(tmp_path / "device.json"))

    (model,) = results
    point = model.point(HARDWARE, "PyTorch on cpu", 10)
    assert point is not None
    assert (len(point.seconds), list(point.apart)) == (2, ["on the device"])
    assert model.checks[HARDWARE, "PyTorch on cpu"].difference < 1e-9
    assert len(results.machines) == 2
    assert "PyTorch on cpu" in make_page(results)
