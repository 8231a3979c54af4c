"""Two builds of the sidecar in turn: gRPC's times for one and for 1,000 rows, the start and the jar, as ratios.

Both sidecars run throughout, and each round asks the one and then the other, so that what else the machine does falls
on both alike. A figure is the median over the rounds.
"""

import argparse
import asyncio
import statistics
from contextlib import ExitStack
from pathlib import Path

import grpc

from pillion.config import SidecarSettings
from pillion.scoring import ScoreRequest
from pillion.scoring.java import find_java
from pillion.scoring.sidecar_process import SidecarProcess
from tools.benchmarks.loops import closed, warm_up
from tools.benchmarks.routes import grpc_call
from tools.benchmarks.serving import Bench
from tools.benchmarks.start import first_row, measure
from tools.checkout import JAR, ROOT

ROWS = (1, 1000)
MOST_OF_A_CALL = 1.3
MOST_OF_A_START = 1.2
Figures = dict[str, list[float]]


async def calls(jars: dict[str, Path], models: Path, rounds: int, seconds: float) -> dict[str, Figures]:
    """Times of each build's calls, by figure: p50 and p99 in milliseconds, a value a round."""
    requests = [
        request for request in Bench(models, "ranker", "probability(1)", seconds).requests if request.rows in ROWS
    ]
    found: dict[str, Figures] = {name: {} for name in jars}
    with ExitStack() as stack:
        running = {name: stack.enter_context(_sidecar(jar, models)) for name, jar in jars.items()}
        channels = {name: _channel(process.address_of("sidecar-grpc")) for name, process in running.items()}
        for request in reversed(requests):
            for channel in channels.values():
                await warm_up(grpc_call(channel, request), 2 * seconds)
        for _ in range(rounds):
            for request in requests:
                for name, channel in channels.items():
                    await _round(found[name], channel, request, running[name].pid, seconds)
        for channel in channels.values():
            await channel.close()
    return found


async def _round(
    figures: Figures, channel: "grpc.aio.Channel", request: ScoreRequest, pid: int | None, seconds: float
) -> None:
    assert pid is not None
    times = await closed(grpc_call(channel, request), pid, seconds)
    for key in ("p50_ms", "p99_ms"):
        figures.setdefault(f"{request.rows} rows, {key[:3]} ms", []).append(times[key])


def starts(jars: dict[str, Path], models: Path, runs: int) -> dict[str, Figures]:
    """Seconds from nothing to the first verified answer, by build."""
    model, row, expected = first_row(models)
    found: dict[str, Figures] = {name: {"start s": [], "start's CPU s": []} for name in jars}
    for _ in range(runs):
        for name, jar in jars.items():
            command = [str(find_java(None)), "-jar", str(jar), "--models", str(models)]
            start = measure([*command, "--http", "127.0.0.1:0"], model, row, expected)
            found[name]["start s"].append(start.wall_s)
            found[name]["start's CPU s"].append(start.cpu_s)
    return found


def _sidecar(jar: Path, models: Path) -> SidecarProcess:
    return SidecarProcess(SidecarSettings(jar=jar, models=models, start_timeout_s=180))


def _channel(target: str) -> "grpc.aio.Channel":
    options = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0)]
    return grpc.aio.insecure_channel(target, options=options)


def main() -> None:
    """Runs the comparison and prints a table; its options are in `--help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path, help="a jar")
    parser.add_argument("after", type=Path, nargs="?", default=JAR, help="another jar (default: the one built here)")
    parser.add_argument("--models", type=Path, default=ROOT / "pmml-models", help="model repository")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="per build, batch size and round")
    parser.add_argument("--runs", type=int, default=5, help="starts of each build")
    options = parser.parse_args()
    jars = {"before": options.before.resolve(), "after": options.after.resolve()}
    found = asyncio.run(calls(jars, options.models, options.rounds, options.seconds))
    for name, figures in starts(jars, options.models, options.runs).items():
        found[name] |= figures
    for name, jar in jars.items():
        found[name]["jar MB"] = [jar.stat().st_size / 1e6]
    print("| what | before | after | ratio | at most |\n|---|---:|---:|---:|---:|")
    for what in found["before"]:
        before, after = (statistics.median(found[name][what]) for name in jars)
        most = MOST_OF_A_START if what.startswith("start") else MOST_OF_A_CALL if "rows" in what else ""
        print(f"| {what} | {before:.3f} | {after:.3f} | {after / before:.2f} | {most} |")


if __name__ == "__main__":
    main()
