import json
from pathlib import Path

import numpy as np
import pytest

from pillion.errors import InvalidInput
from pillion.lab.results import Check, ModelResults, Point, Results

FACTS = {"model_bytes": 80, "row_bytes": 24}


def results(machine: str = "here", digest: str = "d") -> Results:
    model = ModelResults("late", digest, dict(FACTS))
    model.add(Point("language", "C", 10, machine, (1e-6, 3e-6)))
    model.checks["language", "C"] = Check(20, 0, 0, 0.0, compile_s=1.5)
    model.absent["language", "Go"] = "there is none"
    model.omitted["language", "C", 1000] = "too long"
    return Results({machine: {"processor": "p"}}, {"quick": True}, {digest: model})


def test_results_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    wanted = results()
    wanted.save(tmp_path / "lab.json")

    assert Results.load(tmp_path / "lab.json") == wanted


def test_rounds_are_added_to_those_that_are_there() -> None:
    model = results().models["d"]
    model.add(Point("language", "C", 10, "here", (2e-6,)))

    point = model.point("language", "C", 10)
    assert (point.seconds, point.median) == ((1e-6, 3e-6, 2e-6), 2e-6)


def test_another_machines_results_are_merged_and_say_where_they_are_from() -> None:
    mine, theirs = results(), results("there")
    theirs.models["d"].add(Point("hardware", "GPU", 10, "there", (1e-9,)))

    mine.merge(theirs)

    assert set(mine.machines) == {"here", "there"}
    assert mine.models["d"].point("hardware", "GPU", 10).machine == "there"


def test_results_of_another_model_are_not_merged() -> None:
    with pytest.raises(InvalidInput, match="another document or other rows"):
        results().merge(results(digest="other"))


@pytest.mark.parametrize(
    ("text", "said"), [("{", "holds no results"), (json.dumps({"format": 9}), "format 9"), ("[]", "holds no results")]
)
def test_a_file_that_holds_something_else_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "lab.json").write_text(text)

    with pytest.raises(InvalidInput, match=said):
        Results.load(tmp_path / "lab.json")


def test_outputs_are_compared_bit_by_bit() -> None:
    expected = np.array([[0.25, 0.75]])

    assert Check.of(expected.copy(), expected).exact
    other = Check.of(np.array([[0.25, np.nextafter(0.75, 1.0)]]), expected)
    assert (other.differing, other.ulps, other.difference) == (1, 1, 2.0**-53)
    assert "1 of 2 differ" in other.sentence


def test_a_nan_beside_a_number_is_no_small_difference() -> None:
    check = Check.of(np.array([[np.nan]]), np.array([[1.0]]))

    assert (check.exact, check.ulps) == (False, -1)
    assert "by up to a NaN" in check.sentence
