import asyncio
import json
from pathlib import Path

from pillion.config import SidecarSettings, StoreSettings
from pillion.features import publish_contents
from pillion.features.store_process import StoreProcess
from pillion.scoring.sidecar_process import SidecarProcess
from tests.support.command import Command
from tests.support.fixture_dataset import contents
from tests.support.models import write_models
from tests.support.shim import until


def test_verify_scores_the_verification_sets(pillion: Command, tmp_path: Path) -> None:
    assert pillion("models", "verify", "--models", write_models(tmp_path)).code == 0


def test_verify_refuses_a_version_whose_rows_do_not_match(pillion: Command, tmp_path: Path) -> None:
    rows = write_models(tmp_path) / "ranker/1/verification.jsonl"
    rows.write_text(rows.read_text().replace('"hour": 3', '"hour": 4'))

    assert pillion("models", "verify", "--models", tmp_path).code == 1


def test_show_says_whose_arithmetic_a_version_gets_and_why(pillion: Command, tmp_path: Path) -> None:
    models = write_models(tmp_path)

    shown = json.loads(pillion("models", "show", "ranker", "--models", models, "--json").out)

    assert shown["arithmetic"]["arithmetic"] == "jpmml arithmetic"
    assert shown["arithmetic"]["why"]
    text = pillion("models", "show", "ranker", "--models", models).out
    assert "user_rate" in text
    assert "probability(1)" in text


def test_show_names_what_the_texts_of_an_input_spell_and_counts_one_as_one(pillion: Command, tmp_path: Path) -> None:
    models = write_models(tmp_path)
    file = models / "ranker/1/manifest.json"
    manifest = json.loads(file.read_text())
    manifest["contract"]["inputs"][0]["format"] = "decimal(8,2)"
    manifest["outputs"] = [each for each in manifest["outputs"] if each["name"] == "probability(1)"]
    file.write_text(json.dumps(manifest))

    ran = pillion("models", "show", "ranker", "--models", models)

    assert "decimal(8,2)" in ran.out, ran.err
    assert any(line.strip() == "1 output" for line in ran.out.splitlines())


def test_show_says_what_a_sidecar_has_of_items_in_memory(pillion: Command, tmp_path: Path, jar: Path) -> None:
    models = write_models(tmp_path)
    with StoreProcess() as store:
        asyncio.run(publish_contents(StoreSettings(url=store.url), contents(), lambda what, done, total: None))
        settings = SidecarSettings(jar=jar, models=models, start_timeout_s=180.0)
        with SidecarProcess(settings, store=StoreSettings(url=store.url)) as sidecar:
            address = sidecar.address_of("sidecar-http")
            asked = ("models", "show", "ranker", "--models", models, "--sidecar", address)
            until(lambda: "items" in json.loads(pillion(*asked, "--json").out)["sidecar"])
            told = json.loads(pillion(*asked, "--json").out)["sidecar"]
            text = " ".join(pillion(*asked).out.split())

    assert (told["items"], told["feature_version"]) == (300, 1)
    assert f"300 items of feature version 1 in memory, {told['bytes_per_item']} bytes an item" in text
    assert pillion(*asked).code != 0  # it has ended
