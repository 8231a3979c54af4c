"""`pillion models list|show|verify`: the versions of a model repository, what they say, and whether it holds."""

import json
import subprocess
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from pillion.cli.resident_items import SidecarAddress, ask_sidecar, items_line
from pillion.cli.terminal import NO
from pillion.config import SidecarSettings
from pillion.errors import ConfigurationError, InvalidModel
from pillion.scoring import Manifest, ModelRepository
from pillion.scoring.ranking import ClassRanking, Ranking, ScoreRanking
from pillion.scoring.repository import MODEL

Models = Annotated[Path | None, typer.Option("--models", help="The model repository.")]
_MINUTES = len("2026-01-01T00:00")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def list_models(folder: Models = None, as_json: Json = False) -> None:
    """Lists the versions of every model."""
    folder = _folder(folder)
    repository = ModelRepository(folder)
    rows: list[dict[str, Any]] = []
    for model in repository.models():
        for version in repository.versions(model):
            try:
                raw = _raw(repository.read(model, version))
                rows.append({"model": model, "version": version, **_summary(raw), "problem": None})
            except InvalidModel as error:
                rows.append({"model": model, "version": version, "problem": str(error)})
    if as_json:
        print(json.dumps(rows))
    else:
        console = Console(highlight=False)
        console.print(_versions(folder, rows))
        for row in rows:
            if row["problem"]:
                console.print(f"{row['model']} {row['version']}: {row['problem']}", style="red", markup=False)
    if any(row["problem"] for row in rows):
        raise typer.Exit(NO)


def _versions(folder: Path, rows: list[dict[str, Any]]) -> Table:
    table = Table(title=f"Models in {folder}", title_justify="left", box=box.SIMPLE)
    for name in ("model", "version", "created", "engine", "PMML", "rows", "max ULPs"):
        table.add_column(name, justify="right" if name in ("version", "rows", "max ULPs") else "left")
    for row in rows:
        cells = [row.get(name) for name in ("created", "engine", "pmml", "rows", "max_ulps")]
        cells[0] = str(cells[0] or "")[:_MINUTES].replace("T", " ")
        table.add_row(row["model"], str(row["version"]), *("" if cell is None else str(cell) for cell in cells))
    return table


def show(
    model: Annotated[str, typer.Argument(help="The model.")],
    version: Annotated[int | None, typer.Argument(min=1, help="The version; the newest where left out.")] = None,
    folder: Models = None,
    sidecar: SidecarAddress = None,
    as_json: Json = False,
) -> None:
    """Shows what a version takes, returns, was trained with and was proved of it, and whose arithmetic it gets.

    With --sidecar also how many items that one has in memory for the version that it serves, and what an item takes.
    """
    manifest = ModelRepository(_folder(folder)).read(model, version)
    raw = _raw(manifest)
    arithmetic = _arithmetic(manifest)
    serving = None if sidecar is None else ask_sidecar(sidecar, [model])[model]
    if as_json:
        print(json.dumps({**raw, "arithmetic": arithmetic} | ({} if serving is None else {"sidecar": serving})))
        return
    console = Console(highlight=False)
    console.print(f"[bold]{manifest.model} {manifest.version}[/], created {raw.get('created')}")
    console.print(f"  ranking: {_ranking(manifest.ranking)}")
    console.print(f"  arithmetic: {arithmetic['engine']} engine, {arithmetic['arithmetic']}: {arithmetic['why']}")
    if serving is not None:
        console.print(f"  sidecar: serves version {serving['version']}; {items_line(serving)}", markup=False)
    if "pmml" in raw:
        reason = f": {raw['pmml_reason']}" if "pmml_reason" in raw else ""
        console.print(f"  PMML: {raw['pmml']}{reason}", markup=False)
    touched = ((raw.get("verification") or {}).get("coverage") or {}).items()
    if touched:
        shares = ", ".join(f"{share['touched']} of {share['of']} {kind}" for kind, share in touched)
        console.print(f"  verification rows touch {shares}", markup=False)
    for key, value in sorted((raw.get("spark") or {}).items()):
        console.print(f"  Spark {key}: {value}")
    console.print(_proved(raw))
    inputs = Table(title=_counted(len(manifest.contract["inputs"]), "input"), title_justify="left", box=box.SIMPLE)
    for name in ("name", "type", "known values", "missing", "invalid"):
        inputs.add_column(name)
    for field in manifest.contract["inputs"]:
        values = ", ".join(map(str, field.get("values", [])))
        shown = values if len(values) <= 60 else f"{values[:60]}…"
        inputs.add_row(
            field["name"], field.get("format", field["type"]), shown, field.get("missing", ""), field.get("invalid", "")
        )
    console.print(inputs)
    outputs = Table(title=_counted(len(raw["outputs"]), "output"), title_justify="left", box=box.SIMPLE)
    for name in ("name", "type", "kind"):
        outputs.add_column(name)
    for field in raw["outputs"]:
        outputs.add_row(field["name"], field["type"], field.get("kind", ""))
    console.print(outputs)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def verify(folder: Models = None) -> None:
    """Loads every version and scores its verification set, as the sidecar does before it serves."""
    from pillion.scoring.sidecar_process import sidecar_command

    command = sidecar_command(SidecarSettings(models=_folder(folder)), ["--check"])
    done = subprocess.run(command, check=False)
    if done.returncode not in (0, NO):
        raise ConfigurationError("the sidecar could not check the models")
    raise typer.Exit(done.returncode)


def _folder(given: Path | None) -> Path:
    return given or SidecarSettings().models


def _raw(manifest: Manifest) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(manifest.path.read_bytes())
    return found


def _summary(raw: dict[str, Any]) -> dict[str, Any]:
    engine = raw.get("engine")
    proved = (raw.get("parity") or {}).get(engine) or {}
    return {
        "created": raw.get("created"),
        "engine": engine,
        "pmml": raw.get("pmml"),
        "rows": proved.get("rows"),
        "max_ulps": proved.get("max_ulps"),
        "decisions": proved.get("decisions_differing"),
    }


def _arithmetic(manifest: Manifest) -> dict[str, str]:
    """Which engine takes the document, and whose arithmetic it gives; the reason in a sentence."""
    from pillion.api.model import Model

    with Model(manifest.path.parent / MODEL, "auto", SidecarSettings().jar) as model:
        why = model.inexact or "the document holds Spark's plan, so Spark's own order of operations is kept"
        return {"engine": model.engine, "arithmetic": f"{model.arithmetic} arithmetic", "why": why}


def _ranking(ranking: Ranking | None) -> str:
    if isinstance(ranking, ScoreRanking):
        return f"'{ranking.output}', falling; equal scores by rising item id"
    if isinstance(ranking, ClassRanking):
        return f"a probability for each of {len(ranking.classes)} items, falling; equal ones by rising item id"
    return "none: it ranks nothing"


def _proved(raw: dict[str, Any]) -> Table:
    """What each engine was found to do: a column for each, a line for each figure."""
    table = Table(title="Held against Spark's own outputs", title_justify="left", box=box.SIMPLE)
    records: dict[str, dict[str, Any]] = raw.get("parity") or {}
    keys = [key for record in records.values() for key, value in record.items() if isinstance(value, int | float | str)]
    table.add_column("")
    for engine in records:
        table.add_column(f"{engine} ✓" if engine == raw.get("engine") else engine, justify="right")
    for name in dict.fromkeys(keys):
        table.add_row(name.replace("_", " "), *(str(record.get(name, "")) for record in records.values()))
    return table


def register(models: typer.Typer) -> None:
    """Adds the commands of this module to the group of commands."""
    models.command("list", epilog="[bold]Example:[/bold] pillion models list --models pmml-models")(list_models)
    models.command(epilog="[bold]Example:[/bold] pillion models show ranker 1")(show)
    models.command(epilog="[bold]Example:[/bold] pillion models verify --models pmml-models")(verify)
