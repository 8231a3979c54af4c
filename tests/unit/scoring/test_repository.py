import json
from pathlib import Path
from typing import Any

import pytest

from pillion.errors import ConfigurationError, InvalidModel
from pillion.scoring import ClassRanking, ModelRepository, ScoreRanking
from pillion.scoring.repository import why_not_cleared
from tests.support.models import CLASSES, write_models, write_picker, write_ranker, write_version


@pytest.fixture
def repository(tmp_path: Path) -> ModelRepository:
    return ModelRepository(write_models(tmp_path / "models"))


def test_a_manifest_is_read(repository: ModelRepository) -> None:
    ranker, picker = repository.read("ranker"), repository.read("picker")

    assert repository.models() == ["picker", "ranker"]
    assert (ranker.model, ranker.version, ranker.ranking) == ("ranker", 1, ScoreRanking("probability(1)"))
    assert ranker.outputs == ("probability(0)", "probability(1)")
    assert picker.ranking == ClassRanking(CLASSES)


def test_the_latest_version_is_the_largest_number(repository: ModelRepository) -> None:
    for version in (2, 1_700_000_001, 9):
        write_ranker(repository.folder, version)
    for name in (".11", "latest", "0000012", "\u0661\u0663", str(2**63)):
        (repository.folder / "ranker" / name).mkdir()

    assert repository.versions("ranker") == [1, 2, 9, 1_700_000_001]
    assert repository.read("ranker").version == 1_700_000_001
    assert repository.read("ranker", 2).version == 2


def test_a_version_that_is_cleared_for_no_engine_says_why(repository: ModelRepository, tmp_path: Path) -> None:
    folder = repository.folder / "ranker" / "1"
    assert why_not_cleared(folder) is None
    assert why_not_cleared(tmp_path / "nowhere") is None

    manifest = json.loads((folder / "manifest.json").read_text())
    parity = {"compiled": {"problems": ["3 rows differ", "a rank differs"]}, "jpmml": {"declined": "no model"}}
    (folder / "manifest.json").write_text(json.dumps({**manifest, "engine": "none", "parity": parity}))

    assert why_not_cleared(folder) == (
        f"{folder} is cleared for no engine, so its scores would not be Spark's: engine 'compiled': 3 rows differ;"
        " a rank differs; engine 'jpmml': no model"
    )


@pytest.mark.parametrize(("model", "version"), [("other", None), ("ranker", 7), ("..", None)])
def test_what_is_not_there_is_named(repository: ModelRepository, model: str, version: int | None) -> None:
    with pytest.raises(ConfigurationError, match=f"'{model}'"):
        repository.read(model, version)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        ModelRepository(tmp_path / "nowhere").models()


@pytest.mark.parametrize("name", ["model.pmml", "verification.jsonl"])
def test_a_file_that_was_changed_is_named(repository: ModelRepository, name: str) -> None:
    file = repository.folder / "ranker" / "1" / name
    file.write_text(file.read_text() + " ")

    with pytest.raises(InvalidModel, match=f"{name}.*SHA-256"):
        repository.read("ranker")

    file.unlink()
    with pytest.raises(InvalidModel, match=f"{name} cannot be read"):
        repository.read("ranker")


def test_a_baseline_is_found_and_held_against_its_hash(repository: ModelRepository) -> None:
    files = {"model.pmml": "m", "verification.jsonl": "", "baseline.json": "{}"}
    about: dict[str, Any] = {"contract": {}, "outputs": []}
    folder = write_version(repository.folder, "watched", 1, files, about)

    assert repository.read("ranker").baseline is None
    assert repository.read("watched").baseline == folder / "baseline.json"
    (folder / "baseline.json").write_text("{} ")
    with pytest.raises(InvalidModel, match=r"baseline\.json.*SHA-256"):
        repository.read("watched")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format": 2}, "format 2"),
        ({"model": "other"}, "not of its folder"),
        ({"version": 2}, "not of its folder"),
        ({"version": "1"}, "'version'"),
        ({"version": True}, "'version'"),
        ({"model": ""}, "'model'"),
        ({"files": {}}, "SHA-256"),
        ({"files": None}, "SHA-256"),
        ({"contract": []}, "'contract'"),
        ({"outputs": {}}, "'outputs'"),
        ({"outputs": ["p"]}, "without a name"),
        ({"ranking": {"kind": "best"}}, "ranking"),
        ({"ranking": "score"}, "ranking"),
        ({"ranking": {"kind": "score", "output": "odds"}}, "'odds'"),
        ({"ranking": {"kind": "classes", "classes": {"probability(0)": 4, "probability(1)": "5"}}}, "item ids"),
        ({"ranking": {"kind": "classes", "classes": {"p9": 5}}}, "'p9'"),
    ],
)
def test_a_bad_manifest_is_named_with_what_is_wrong(
    repository: ModelRepository, changes: dict[str, Any], complaint: str
) -> None:
    file = repository.folder / "ranker" / "1" / "manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))

    with pytest.raises(InvalidModel, match=complaint) as caught:
        repository.read("ranker")

    assert str(file) in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00"])
def test_a_manifest_that_is_no_object_is_named(repository: ModelRepository, text: str) -> None:
    file = repository.folder / "ranker" / "1" / "manifest.json"
    file.write_text(text)

    with pytest.raises(InvalidModel, match=r"manifest\.json"):
        repository.read("ranker")


def test_a_model_may_rank_nothing(tmp_path: Path) -> None:
    write_picker(tmp_path, ranking=None)

    assert ModelRepository(tmp_path).read("picker").ranking is None
