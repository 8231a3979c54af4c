"""What a running sidecar says of the items that it has in memory, for the commands that show it."""

import asyncio
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from pillion.config import SidecarSettings
from pillion.errors import SidecarUnreachable

_PATIENCE_S = 5.0
SidecarAddress = Annotated[
    str | None,
    typer.Option("--sidecar", help="The address of a running sidecar, to show the items that it has in memory."),
]


def ask_sidecar(address: str, models: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Returns what a sidecar says of the version of each model that it serves: the parameters of its metadata.

    Raises:
        SidecarError: It has no such model, or does not answer.
    """
    return asyncio.run(_ask(address, models))


def items_line(serving: dict[str, Any]) -> str:
    """Returns what a sidecar has of items in memory for a model, or why it has none."""
    if "items" not in serving:
        return f"no items in memory: {serving.get('items_problem', 'the model has no items of its own, nor a store')}"
    count, each = int(serving["items"]), int(serving["bytes_per_item"])
    whose = f" of feature version {serving['feature_version']}" if "feature_version" in serving else ""
    return f"{count:,} items{whose} in memory, {each:,} bytes an item, {count * each / 2**20:,.1f} MiB in all"


async def _ask(address: str, models: Iterable[str]) -> dict[str, dict[str, Any]]:
    from pillion.scoring import HttpScorer

    scorer = HttpScorer(SidecarSettings(address=address))
    try:
        return {model: dict((await scorer.metadata(model, _PATIENCE_S)).get("parameters", {})) for model in models}
    except TimeoutError as error:
        raise SidecarUnreachable(f"the sidecar at {address} does not answer in {_PATIENCE_S:.0f} s") from error
    finally:
        await scorer.close()
