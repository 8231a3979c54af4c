"""Two versions of the shim in turn: what a request takes of the processor, and its time, as ratios.

Each version is a checkout, with a store, a sidecar and a shim of one worker by its own `pillion up`; both sidecars are
the jar that is built here. Both run throughout, and each round asks the one and then the other, so that what else the
machine does falls on both alike. A figure is the median over the rounds. An answer that is not the model's ends the
run.

    git worktree add build/before COMMIT
    python -m tools.benchmarks.shims build/before
"""

import argparse
import asyncio
import itertools
import os
import statistics
import sys
from contextlib import ExitStack
from pathlib import Path

import aiohttp

from pillion.process import ListeningProcess
from tools.benchmarks.hosts import MOMENT, USERS
from tools.benchmarks.loops import Call, closed
from tools.checkout import JAR, ROOT

MAIN = "from pillion.cli import main; main()"
MODELS = "pmml-models"
START_S = 300.0
PATIENT = {
    "PILLION_RECOMMEND_DEADLINE_MS": "60000",
    "PILLION_RECOMMEND_ADMISSION_LAG_MS": "60000",
    "PILLION_RECOMMEND_ADMISSION_TARGET_MS": "60000",
    "PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS": "50000",
    "PILLION_SIDECAR_SLOW_MS": "49000",
    "PILLION_STORE_ATTEMPT_TIMEOUT_MS": "50000",
    "PILLION_STORE_SLOW_MS": "49000",
}
"""Every request is answered by the model, however busy the machine is, so that both do the same work."""


def run(folder: Path) -> ListeningProcess:
    """Returns the process of a version's `pillion up`, not yet started."""
    up = [sys.executable, "-c", MAIN, "up", "--port", "0", "--workers", "1", "--models", MODELS]
    command = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', str(folder), *up]
    own = {"PYTHONPATH": str(folder / "python" / "src"), "PILLION_SIDECAR_JAR": str(JAR), "PILLION_LOG_LEVEL": "error"}
    return ListeningProcess("up", command, "shim", START_S, 30.0, {**os.environ, **PATIENT, **own})


def calls(session: aiohttp.ClientSession, address: str, candidates: list[int]) -> dict[str, Call]:
    """Returns what is asked, by name."""
    users = itertools.cycle(USERS)

    async def check(response: aiohttp.ClientResponse) -> None:
        answer = await response.json()
        if answer.get("source") != "online":
            raise SystemExit(f"{address} did not answer from the model: {answer}")

    async def get() -> None:
        query = {name: str(value) for name, value in MOMENT.items()}
        async with session.get(f"{address}/v1/recommendations/{next(users)}", params=query) as response:
            await check(response)

    async def post() -> None:
        body = {"user_id": next(users), "k": 10, "candidates": candidates, "context": MOMENT}
        async with session.post(f"{address}/v1/recommendations", json=body) as response:
            await check(response)

    return {"GET, the popular 200": get, f"POST, {len(candidates)} candidates": post}


async def measure(
    addresses: dict[str, tuple[str, int]], rounds: int, seconds: float
) -> dict[str, dict[str, list[float]]]:
    """Returns figures of each version, a value a round."""
    found: dict[str, dict[str, list[float]]] = {name: {} for name in addresses}
    async with aiohttp.ClientSession(trust_env=False) as session:
        first = next(iter(addresses.values()))[0]
        async with session.get(f"{first}/v1/recommendations/{USERS[0]}", params={"k": "100"}) as response:
            candidates = [item["item_id"] for item in (await response.json())["items"]]
        ways = {name: calls(session, address, candidates) for name, (address, _) in addresses.items()}
        for _ in range(rounds):
            for what in next(iter(ways.values())):
                for name, (_, pid) in addresses.items():
                    times = await closed(ways[name][what], pid, seconds)
                    found[name].setdefault(f"{what}: shim's processor, ms", []).append(times["cpu_ms"])
                    found[name].setdefault(f"{what}: p50, ms", []).append(times["p50_ms"])
    return found


def main() -> None:
    """Runs the comparison and prints a table; its options are in `--help`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="a checkout of the earlier version")
    parser.add_argument("after", type=Path, nargs="?", default=ROOT, help="another checkout (default: this one)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="per version, call and round")
    options = parser.parse_args()
    with ExitStack() as stack:
        addresses: dict[str, tuple[str, int]] = {}
        for name in ("before", "after"):
            process = run(getattr(options, name).resolve())
            stack.callback(process.stop)
            address = process.start(lambda text: None)
            assert process.pid is not None
            addresses[name] = (address, process.pid)
        found = asyncio.run(measure(addresses, options.rounds, options.seconds))
    print("| what | before | after | ratio |\n|---|---:|---:|---:|")
    for what in found["before"]:
        before, after = (statistics.median(found[name][what]) for name in addresses)
        print(f"| {what} | {before:.3f} | {after:.3f} | {after / before:.2f} |")


if __name__ == "__main__":
    main()
