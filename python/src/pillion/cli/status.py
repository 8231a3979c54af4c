"""`pillion status` and `pillion breaker`: how a running shim is, and an operator's hand on its breakers."""

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pillion.cli.resident_items import SidecarAddress, ask_sidecar, items_line
from pillion.cli.terminal import NO
from pillion.errors import ConfigurationError, DependencyError
from pillion.features.drift import WORDS

if TYPE_CHECKING:
    from rich.table import Table

_TIMEOUT_S = 5.0
_LONGEST_EXCERPT = 300
_EXAMPLE = "[bold]Example:[/bold] pillion status --url http://127.0.0.1:8000 --json"
_EXAMPLE_BREAKER = "[bold]Example:[/bold] pillion breaker sidecar open"
Url = Annotated[str | None, typer.Option(help="The shim; PILLION_SHIM_HOST and PILLION_SHIM_PORT where left out.")]
Json = Annotated[bool, typer.Option("--json", help="Print the shim's own JSON.")]


class Mode(StrEnum):
    """What a breaker is to do."""

    OPEN = "open"
    CLOSED = "closed"
    AUTO = "auto"


def status(url: Url = None, sidecar: SidecarAddress = None, as_json: Json = False) -> None:
    """Shows breakers, the snapshot's age and versions of a running shim; exit 1 where it cannot answer with items.

    With --sidecar also how many items that one has in memory for each model, and what an item takes.
    """
    found = _ask("GET", url, "/v1/status")
    serving = {} if sidecar is None else ask_sidecar(sidecar, found["models"])
    if as_json:
        print(json.dumps(found if sidecar is None else {**found, "sidecar": serving}))
    else:
        _show(found)
        for model, each in serving.items():
            print(f"items      {model}: {items_line(each)}")
    if found["snapshot"]["version"] is None:
        raise typer.Exit(NO)


def breaker(
    name: Annotated[str, typer.Argument(help="store or sidecar.")],
    mode: Annotated[Mode, typer.Argument(help="open: refuse all calls; closed: let all pass; auto: its own rules.")],
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Forces a breaker of a running shim; the token comes from PILLION_SHIM_ADMIN_TOKEN."""
    found = _ask("POST", url, f"/v1/breakers/{name}", {"mode": mode.value})
    print(json.dumps(found) if as_json else f"the breaker of the {name} is {found['state']}")


def _ask(method: str, url: str | None, path: str, body: dict[str, str] | None = None) -> Any:
    import httpx

    from pillion.config import ShimSettings

    settings = ShimSettings()
    base = (url or f"http://{settings.host}:{settings.port}").rstrip("/")
    token = settings.admin_token
    headers = {} if token is None or body is None else {"Authorization": f"Bearer {token.get_secret_value()}"}
    try:
        with httpx.Client(timeout=_TIMEOUT_S, trust_env=False) as client:
            response = client.request(method, base + path, json=body, headers=headers)
        found = response.json()
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise ConfigurationError(f"'{base}' is no URL of a shim: {error}") from error
    except (httpx.HTTPError, ValueError) as error:
        raise DependencyError(f"the shim at {base} does not answer: {error or type(error).__name__}") from error
    if response.status_code != httpx.codes.OK:
        message = found.get("error", {}).get("message", "no reason given") if isinstance(found, dict) else str(found)
        raise ConfigurationError(f"the shim at {base} declined: {str(message)[:_LONGEST_EXCERPT]}")
    return found


def _show(found: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    workers = [found, *found["others"]]
    for worker in workers:
        snapshot, admission, retries = worker["snapshot"], worker["admission"], worker["retries"]
        console.print(f"worker     {worker['pid']}")
        if snapshot["version"] is None:
            console.print("snapshot   none: no feature version was ever read")
        else:
            failed = "" if snapshot["refreshing"] == "ok" else ", the last look for a newer one failed"
            console.print(f"snapshot   version {snapshot['version']}, {snapshot['age_s']:.0f} s old{failed}")
        if (batch := worker["batch"]) is not None:
            by = f"'{batch['model']}' {batch['version']}"
            console.print(f"batch      run {batch['run']} by {by}, {batch['age_s']:.0f} s old")
        console.print("models     " + ", ".join(f"{name} {version}" for name, version in worker["models"].items()))
        admitted = f"{admission['in_flight']} of {admission['limit']}"
        console.print(f"admission  {admitted}, {admission['refused']} refused so far")
        console.print(f"retries    {retries['made']} made, {retries['tokens']:.1f} allowed now")
        console.print(_breakers(worker))
        for line in watched(worker.get("watch")):
            console.print(line, markup=False)


def watched(watch: dict[str, Any] | None) -> list[str]:
    """Returns what is said of the features, the log and the parity of a worker."""
    if watch is None:
        return []
    lines = []
    judged = [each for each in watch["features"] if each["index"] is not None]
    if judged:
        far = max(judged, key=lambda each: each["index"])
        moved = sum(each["verdict"] == "large" for each in judged)
        lines.append(
            f"features   {len(judged)} watched, {moved} moved far; the largest stability index is {far['index']:.3f},"
            f" of {far['model']}'s {far['feature']}: {WORDS[far['verdict']]}"
        )
    lines += [
        f"unseen     {each['model']}'s {each['feature']}: {each['unseen']:,} of {each['values']:,} values"
        for each in watch["features"]
        if each["unseen"]
    ]
    if (log := watch["log"]) is not None:
        lines.append(f"log        {log['written']:,} requests, {log['dropped']:,} dropped, {log['failed']:,} failed")
    if (parity := watch["parity"]) is not None:
        differing = ", ".join(f"{count:,} by {cause}" for cause, count in parity["differing"].items() if count)
        by = "Spark" if parity["by"] == "spark" else "the engine, which is not Spark"
        lines.append(
            f"parity     {parity['checked']:,} of {parity['served']:,} served requests ({parity['share']:.2%}) computed"
            f" again by {by}: {differing + ' differ' if differing else '0 differ'}"
        )
    return lines


def _breakers(worker: dict[str, Any]) -> "Table":
    from rich import box
    from rich.table import Table

    names = ("dependency", "breaker", "calls", "failed", "slow", "refused", "in flight", "again in")
    table = Table(*names, box=box.SIMPLE, padding=(0, 1, 0, 0))
    for name, state in worker["breakers"].items():
        wait_s = state["retry_after_s"]
        again = "operator" if wait_s is None else f"{wait_s:.2f} s" if wait_s else "now"
        counts = (
            state["calls_in_window"], state["failures_in_window"], state["slow_in_window"],
            state["refused"], state["in_flight"],
        )  # fmt: skip
        table.add_row(name, state["state"], *map(str, counts), again)
    return table


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(status)
    app.command(epilog=_EXAMPLE_BREAKER)(breaker)
