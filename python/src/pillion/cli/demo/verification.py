"""The parity summary of the demo: what a running sidecar returns for recorded rows, beside what Spark returned."""

import asyncio
from pathlib import Path

import orjson
from rich import box
from rich.table import Table

from pillion.config import SidecarSettings
from pillion.parity.compare import Difference, compare
from pillion.parity.recorded_rows import read_rows
from pillion.scoring import HttpScorer, ModelRepository, ScoreRequest, Scores
from pillion.scoring.repository import VERIFICATION

_TIMEOUT_S = 60.0


def parity_table(models: Path, address: str) -> tuple[Table, bool]:
    """Scores each model's verification set by the sidecar.

    Returns:
        The table, and whether no decision, no rank and no answer differ from Spark's.
    """
    table = Table(title="The running sidecar beside what Spark computed", title_justify="left", box=box.SIMPLE)
    for name in ("model", "engine", "rows", "differ", "max ULPs", "decisions", "ranks", "refused"):
        table.add_column(name, justify="left" if name in ("model", "engine") else "right")
    agreed = True
    repository = ModelRepository(models)
    for model in repository.models():
        scores, difference = _compare(repository, model, address)
        table.add_row(
            f"{model} {scores.model_version}",
            scores.engine,
            f"{difference.rows:,}",
            f"{difference.rows_differing:,}",
            f"{difference.max_ulps:,}",
            str(difference.decisions_differing),
            str(difference.ranks_differing),
            str(difference.refused),
        )
        agreed &= not (difference.decisions_differing or difference.ranks_differing or difference.refused)
    return table, agreed


def _compare(repository: ModelRepository, model: str, address: str) -> tuple[Scores, Difference]:
    manifest = repository.read(model)
    raw = orjson.loads(manifest.path.read_bytes())
    file = manifest.path.parent / VERIFICATION
    recorded = read_rows(file.read_bytes(), manifest.contract, raw["outputs"], str(file))
    types = {field["name"]: field["type"] for field in manifest.contract["inputs"]}
    request = ScoreRequest(model, types, recorded.inputs, recorded.rows)

    async def score() -> Scores:
        scorer = HttpScorer(SidecarSettings(address=address))
        try:
            return await scorer.score(request, _TIMEOUT_S)
        finally:
            await scorer.close()

    scores = asyncio.run(score())
    kinds = {field["name"]: field["type"] for field in raw["outputs"]}
    failed = frozenset(error.row for error in recorded.expected.row_errors)
    difference = compare(
        recorded.expected.columns,
        scores.columns,
        decisions=[name for name in recorded.expected.columns if kinds[name] not in ("double", "float")],
        score=[],
        refused=frozenset(error.row for error in scores.row_errors),
        failed=failed,
    ).difference
    return scores, difference
