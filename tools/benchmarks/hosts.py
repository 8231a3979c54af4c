"""Hosts beside each other: the shim, Go and Java over one store, and one sidecar but for what embeds the engine.

All of them run throughout. In each round one caller asks each host in turn for the same users and the same
candidates by ids, so that what else the machine does falls on all alike; a figure is the median over the rounds. A
whole answer fetches the user, ranks and names the titles. *In all* is how long the host says that its answer took;
*p50* and *p99* are what the caller waited, HTTP in Python included. The peak is of `wrk` (Debian's package) with eight
connections, over the candidates that the demo's first phase picks for a GET, and *alone* the median of one connection;
store, sidecar, host and `wrk` share the machine. The two rows of FastAPI are the floor of the shim's libraries: an
empty route that gives a prepared answer under the same uvicorn settings, and the same after the two trips to store and
sidecar with prepared requests, by the shim's clients and with nothing around them (`tools/benchmarks/floor.py`).

    python -m tools.benchmarks.hosts --page docs/benchmarks-hosts.md
"""

import argparse
import asyncio
import itertools
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import aiohttp

from pillion.features import read_contents
from tests.hosts.cases import World, read_worlds
from tests.hosts.host import HOSTS, Host
from tests.hosts.stack import Serving, running
from tools.benchmarks.loops import closed, medians
from tools.benchmarks.page import machine
from tools.checkout import ROOT
from tools.go import NoTools

USERS = (4, 15, 34, 57)
MOMENT: dict[str, Any] = {"device": "tv", "country": "DE", "hour": 21, "weekday": 5}
_CONNECTIONS = 8
_WHOLE = 200
"""Candidates of the goals' whole answer."""
_FLOOR = "tools.benchmarks.floor"
_FLOORS = {"FastAPI, empty": "empty", "FastAPI, both trips": "trips"}
"""What the shim's libraries take without the shim, and how the program that serves it is told."""


def candidates(most: int) -> list[int]:
    """The films that most people know, whose features every host has."""
    popular = read_contents(ROOT / "data/movielens/contents.npz").popularity["global"]
    return [int(item) for item, _ in popular[:most]]


async def ask(session: aiohttp.ClientSession, served: Serving, items: list[int], seconds: float) -> dict[str, float]:
    """One caller, which waits for each answer; CPU is the host's."""
    users, own = itertools.cycle(USERS), []

    async def call() -> None:
        body = {"user_id": next(users), "k": 10, "candidates": items, "context": MOMENT}
        async with session.post(f"{served.address}/v1/recommendations", json=body) as response:
            answer = await response.json()
        if answer.get("source") != "online":
            raise SystemExit(f"{served.address} did not answer from the model: {answer}")
        own.append(answer["timings_ms"]["total"])

    times = await closed(call, served.pid, seconds)
    counted = own[-int(times["calls"]) :]  # those before were to warm up
    return {"in all": statistics.median(counted), **{name: times[name] for name in ("p50_ms", "p99_ms", "cpu_ms")}}


def peak(served: Serving, seconds: float) -> dict[str, float]:
    """Answers a second to `wrk`, of which none may be an error, and the median time of one caller's, in ms."""
    return {"per_s": _load(served, _CONNECTIONS, seconds)[0], "p50_ms": _load(served, 1, seconds / 2)[1]}


def _load(served: Serving, connections: int, seconds: float) -> tuple[float, float]:
    query = "&".join(f"{name}={value}" for name, value in MOMENT.items())
    url = f"{served.address}/v1/recommendations/{USERS[1]}?k=10&{query}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60 + seconds, check=True)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise SystemExit(f"{served.address} failed under load: {done.stdout}")
    rate = re.search(r"Requests/sec:\s*([0-9.]+)", done.stdout)
    median = re.search(r"50%\s*([0-9.]+)(us|ms|s)\s", done.stdout)
    assert rate is not None, done.stdout
    assert median is not None, done.stdout
    return float(rate[1]), float(median[1]) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[median[2]]


def built(world: World) -> tuple[list[tuple[Host, list[str]]], dict[str, str]]:
    """The hosts that this machine can build, with Go by its two transports, and why others are not there."""
    found: list[tuple[Host, list[str]]] = []
    absent: dict[str, str] = {}
    for host in HOSTS:
        if world.name in host.unfit:
            continue
        try:
            command = host.command()
        except NoTools as error:
            absent[host.name] = str(error)
            continue
        if host.name != "go":
            found.append((host, command))
            continue
        for transport in ("grpc", "http"):
            variable = f"PILLION_HOST_TRANSPORT={transport}"
            found.append((Host(f"Go, {transport}", host.command), ["/usr/bin/env", variable, *command]))
    return found, absent


async def measure(
    serving: dict[str, Serving], sizes: list[int], rounds: int, seconds: float, warmup: float
) -> dict[tuple[int, str], dict[str, float]]:
    """The medians over the rounds, by candidates and host."""
    films = candidates(max(sizes))
    found: dict[tuple[int, str], list[dict[str, float]]] = {}
    async with aiohttp.ClientSession(trust_env=False) as session:
        for name, served in serving.items():
            print(f"warming up {name}", file=sys.stderr)
            await ask(session, served, films[:_WHOLE], warmup)
        for turn, size in itertools.product(range(rounds), sizes):
            for name, served in serving.items():
                print(f"round {turn + 1} of {rounds}: {size:,} candidates, {name}", file=sys.stderr)
                found.setdefault((size, name), []).append(await ask(session, served, films[:size], seconds))
    return {key: medians(turns) for key, turns in found.items()}


def page(
    found: dict[tuple[int, str], dict[str, float]],
    peaks: dict[str, dict[str, float]],
    absent: dict[str, str],
    seconds: float,
) -> str:
    """The page: goals, tables, method."""
    names = list(dict.fromkeys(name for _, name in found))
    lines = [
        "# What a host costs", "",
        "`make bench-hosts` writes this page: the same requests to every host in one run, over one store and sidecar."
        " Ratios within the page count; the milliseconds are this machine's.", "",
        f"The demo's `ranker`; {machine()}", "",
        *(f"{name} was not measured: {why}\n" for name, why in absent.items()),
        "## Goals", "", "| what | goal | measured | |", "|---|---:|---:|---|",
    ]  # fmt: skip
    for what, ratio, goal in goals(found, peaks):
        lines.append(f"| {what} | {goal:g} × | {ratio:.2f} × | {'met' if ratio >= goal else 'missed'} |")
    lines += [
        "",
        "## A whole answer",
        "",
        "| candidates by ids | host | in all, ms | p50, ms | p99, ms | host's CPU, ms |",
    ]
    lines += ["|---:|---|---:|---:|---:|---:|"]
    for (size, name), one in sorted(found.items(), key=lambda entry: (entry[0][0], names.index(entry[0][1]))):
        cells = f"{one['in all']:.2f} | {one['p50_ms']:.2f} | {one['p99_ms']:.2f} | {one['cpu_ms']:.2f}"
        lines.append(f"| {size:,} | {name} | {cells} |")
    if peaks:
        lines += ["", "## Peak", "", "| host | alone, p50, ms | answers a second |", "|---|---:|---:|"]
        lines += [f"| {name} | {one['p50_ms']:.2f} | {one['per_s']:,.0f} |" for name, one in peaks.items()]
    summary = (__doc__ or "").partition("\n\n")[2].partition("\n\n    ")[0]
    lines += ["", "## How", "", f"{seconds:g} s a cell and round, after a warm-up.", summary, ""]
    return "\n".join(lines)


def goals(
    found: dict[tuple[int, str], dict[str, float]], peaks: dict[str, dict[str, float]]
) -> list[tuple[str, float, float]]:
    """What was wanted: a sentence, the ratio measured, the ratio wanted; those of hosts that were there."""

    def ratio(one: str, other: str) -> float:
        return found[_WHOLE, one]["in all"] / found[_WHOLE, other]["in all"]

    go, embedded = (_WHOLE, "Go, grpc") in found, (_WHOLE, "java embedded") in found
    made: list[tuple[str, float, float]] = []
    if go:
        made.append((f"shim's answer of {_WHOLE} candidates ÷ Go's, in all", ratio("shim", "Go, grpc"), 3))
    if go and peaks:
        highest = peaks["Go, grpc"]["per_s"] / peaks["shim"]["per_s"]
        made.append(("Go's peak ÷ that of the shim's one process", highest, 3))
    if go and embedded:
        made.append((f"Go's answer of {_WHOLE} candidates ÷ embedded Java's", ratio("Go, grpc", "java embedded"), 2))
    return made


def main() -> None:
    """Runs the comparison; its options are in `--help`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, nargs="+", default=[1, 100, _WHOLE, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="per host, size and round")
    parser.add_argument("--warmup", type=float, default=10.0, help="seconds of calls per host before the rounds")
    parser.add_argument("--page", type=Path, help="where the page is written; it is printed in any case")
    options = parser.parse_args()
    world = next(each for each in read_worlds() if each.name == "films")
    hosts, absent = built(world)
    hosts += [(Host(name, list), [sys.executable, "-m", _FLOOR, told]) for name, told in _FLOORS.items()]
    with tempfile.TemporaryDirectory() as folder, running(world, hosts, Path(folder)) as serving:
        sizes = sorted({*options.candidates, _WHOLE})
        whole = {name: served for name, served in serving.items() if name not in _FLOORS}
        found = asyncio.run(measure(whole, sizes, options.rounds, options.seconds, options.warmup))
        peaks: dict[str, dict[str, float]] = {}
        if shutil.which("wrk") is None:
            absent["The peak"] = "there is no `wrk` on this machine"
        else:
            for served in serving.values():
                peak(served, 1)
            turns = [{name: peak(served, 2 * options.seconds) for name, served in serving.items()} for _ in range(3)]
            peaks = {name: medians([turn[name] for turn in turns]) for name in serving}
    text = page(found, peaks, absent, options.seconds)
    print(text)
    if options.page is not None:
        options.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
