from pathlib import Path

import numpy as np
import pytest

from pillion.lab.lab_model import LabModel
from pillion.lab.languages import Way, language_ways
from pillion.lab.program import Absent
from pillion.lab.workspace import Workspace

WHY = "the programs have no steps for the stage tokenizer"
ENGINES = {"Pillion, in a Java host", "JPMML's interpreter", "Pillion, from Python"}
WAYS: dict[str, Way] = {way.name: way for way in language_ways()}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    expected = np.array([[0.5]])
    model = LabModel(
        "texts", None, b"<PMML/>", {"review": "string"}, {"review": ["a"]}, ("p",), expected, "e", "a", None, WHY
    )
    return Workspace(tmp_path / "lab.work" / "texts", model, tmp_path / "no.jar")


@pytest.mark.parametrize("name", sorted(set(WAYS) - ENGINES - {"Spark, local"}))
def test_a_stage_that_programs_lack_is_named_by_each(name: str, workspace: Workspace) -> None:
    with pytest.raises(Absent, match=WHY):
        WAYS[name].start(workspace)


def test_a_version_without_its_pipeline_is_not_asked_of_spark(workspace: Workspace) -> None:
    with pytest.raises(Absent, match="no pipeline is kept with this version"):
        WAYS["Spark, local"].start(workspace)


@pytest.mark.parametrize("name", ["Cython", "Spark, local"])
def test_a_quick_run_leaves_out_what_takes_long(name: str, workspace: Workspace) -> None:
    (way,) = (each for each in language_ways(slow=False) if each.name == name)

    with pytest.raises(Absent, match="a quick run leaves it out"):
        way.start(workspace)
