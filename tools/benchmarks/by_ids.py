"""Ranking over the Unix socket by ids of items in the sidecar's memory, beside full rows as binary tensors.

The demo's ranker and its catalog, from a real store; one caller that waits, in interleaved rounds. Requests are
encoded beforehand, and answers are read. The best ten of the rows are not picked; by ids they are.

    python -m tools.benchmarks.by_ids --page docs/benchmarks-rank.md
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pillion.config import SidecarSettings, StoreSettings
from pillion.features import Contents, publish_contents, read_contents
from pillion.features.store_process import StoreProcess
from pillion.scoring import HttpScorer, RankRequest, ScoreRequest
from pillion.scoring.sidecar_process import SidecarProcess
from pillion.scoring.v2_rank import decode_rank, encode_rank
from tools.benchmarks.loops import Call, closed, medians
from tools.benchmarks.page import machine
from tools.benchmarks.routes import http_call
from tools.checkout import JAR, ROOT

SIZES = (30, 200, 1000)
GOAL = 3
"""How many times the time by ids that of full rows is wanted to be, at 200 candidates."""
MARKS = ("<!-- by-ids -->", "<!-- end of by-ids -->")
_OUTPUT = "probability(1)"
_TRIES, _PAUSE_S = 600, 0.1


def calls(scorer: HttpScorer, version: Path, contents: Contents, size: int) -> dict[str, Call]:
    """The two ways to rank the films that most people know."""
    manifest = json.loads((version / "manifest.json").read_text())
    types = {field["name"]: field["type"] for field in manifest["contract"]["inputs"]}
    first = json.loads((version / "verification.jsonl").read_text().partition("\n")[0])["input"]
    ids = [item for item, _ in contents.popularity["global"][:size]]
    place = {item: row for row, item in enumerate(contents.items.ids)}
    of_items = {
        name: [column[place[item]] for item in ids] for name, column in contents.items.columns.items() if name in types
    }
    context = {name: first.get(name) for name in types if name not in of_items}
    columns = {name: of_items.get(name) or [context[name]] * size for name in types}
    ranking = RankRequest("ranker", types, context, 10, ids)

    body = encode_rank(ranking)

    async def by_ids() -> None:
        reply = await scorer.call("POST", "/v2/models/ranker/rank", {"content-type": "application/json"}, body)
        found = decode_rank(reply.body, ranking)
        if found.candidates != size or len(found.items) != ranking.k:
            raise SystemExit(f"the sidecar ranked {found.candidates} of {size} items, and gave {len(found.items)}")

    rows = http_call(scorer, ScoreRequest("ranker", types, columns, size, (_OUTPUT,)), binary=True)
    return {"full rows": rows, "by ids": by_ids}


async def measure(
    address: str, pid: int, version: Path, contents: Contents, rounds: int, seconds: float
) -> dict[tuple[int, str], Mapping[str, float]]:
    """The medians over the rounds, by candidates and way."""
    scorer = HttpScorer(SidecarSettings(address=address))
    await _items_held(scorer)
    ways = {(size, way): call for size in SIZES for way, call in calls(scorer, version, contents, size).items()}
    found: dict[tuple[int, str], list[dict[str, float]]] = {key: [] for key in ways}
    for turn in range(rounds + 1):
        for key, call in ways.items():
            times = await closed(call, pid, seconds)
            if turn:  # the first round is for the server's compiler
                found[key].append(times)
    await scorer.close()
    return {key: medians(turns) for key, turns in found.items()}


async def _items_held(scorer: HttpScorer) -> None:
    for _ in range(_TRIES):
        if (await scorer.metadata("ranker", 5.0))["parameters"].get("items"):
            return
        await asyncio.sleep(_PAUSE_S)
    raise SystemExit("the sidecar did not load the catalog")


def table(found: Mapping[tuple[int, str], Mapping[str, float]]) -> str:
    """What was measured, in Markdown."""
    lines = [
        "| candidates | way | p50, ms | p99, ms | sidecar's CPU, ms | full rows ÷ it |",
        "|---:|---|---:|---:|---:|---:|",
    ]
    for (size, way), one in found.items():
        ratio = found[size, "full rows"]["p50_ms"] / one["p50_ms"]
        lines.append(
            f"| {size:,} | {way} | {one['p50_ms']:.3f} | {one['p99_ms']:.3f} | {one['cpu_ms']:.3f} | {ratio:.1f}× |"
        )
    whole = found[200, "full rows"]["p50_ms"] / found[200, "by ids"]["p50_ms"]
    verdict = "met" if whole >= GOAL else "missed"
    return "\n".join([*lines, "", f"200 candidates: {whole:.1f}×, goal {GOAL}×: {verdict}. {machine()}"])


def main() -> None:
    """Fills a store, starts a sidecar, and prints or writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="per way, size and round")
    parser.add_argument("--page", type=Path, help="whose part between the marks is replaced")
    options = parser.parse_args()
    models = ROOT / "pmml-models"
    contents = read_contents(ROOT / "data/movielens/contents.npz")
    with StoreProcess() as store, tempfile.TemporaryDirectory(prefix="pillion-") as folder:
        settings = StoreSettings(url=store.url)
        asyncio.run(publish_contents(settings, contents, lambda what, done, total: None))
        socket = Path(folder) / "s"
        sidecar = SidecarSettings(jar=JAR, models=models, start_timeout_s=180.0)
        with SidecarProcess(sidecar, uds=socket, options=("--poll", "0"), store=settings) as process:
            assert process.pid is not None
            found = asyncio.run(
                measure(f"unix:{socket}", process.pid, models / "ranker/1", contents, options.rounds, options.seconds)
            )
    print(text := table(found))
    if options.page is not None:
        before, _, rest = options.page.read_text(encoding="utf-8").partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        options.page.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
