"""What a sidecar has resident: after its start, under load, a model more, a connection more; and what a call takes.

Two sets of the JVM's options in turn, in one run: each round asks the one sidecar and then the other, so that what else
the machine does falls on both alike. Times are medians over the rounds, memory is the most of them.
"""

import argparse
import asyncio
import json
import shlex
import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import httpx

from pillion.config import JVM_OPTIONS, SidecarSettings
from pillion.scoring import HttpScorer, ScoreRequest
from pillion.scoring.sidecar_process import SidecarProcess
from tools.benchmarks.loops import closed, warm_up
from tools.benchmarks.routes import http_call
from tools.benchmarks.serving import Bench
from tools.checkout import JAR, ROOT
from tools.process_usage import resident_bytes

ROWS = (1, 1000)
CONNECTIONS = 500
COPIES = 10
MB = 1e6
Figures = dict[str, list[float]]


async def load(
    running: Mapping[str, SidecarProcess], requests: list[ScoreRequest], rounds: int, seconds: float
) -> dict[str, Figures]:
    """Times of calls over the Unix socket in milliseconds, and what is resident after each round, in MB."""
    found: dict[str, Figures] = {name: {} for name in running}
    pools = {
        name: HttpScorer(SidecarSettings(address=process.address_of("sidecar-uds"), max_connections=4))
        for name, process in running.items()
    }
    for request in reversed(requests):
        for pool in pools.values():
            await warm_up(http_call(pool, request, True), 2 * seconds)
    for _ in range(rounds):
        for request in requests:
            for name, pool in pools.items():
                times = await closed(http_call(pool, request, True), _pid(running[name]), seconds)
                for key in ("p50_ms", "p99_ms"):
                    found[name].setdefault(f"{request.rows} rows, {key[:3]} ms", []).append(times[key])
    for name, pool in pools.items():
        found[name]["resident under load, MB"] = [resident_bytes(_pid(running[name])) / MB]
        await pool.close()
    return found


def connections(process: SidecarProcess, count: int) -> float:
    """What an idle connection adds, in kilobytes; each has asked once."""
    host, port = process.address_of("sidecar-http").removeprefix("http://").rsplit(":", 1)
    before = resident_bytes(_pid(process))
    with ExitStack() as stack:
        for _ in range(count):
            made = stack.enter_context(socket.create_connection((host, int(port)), timeout=60))
            made.sendall(b"GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            made.recv(4096)
        return (resident_bytes(_pid(process)) - before) / count / 1e3


def model(options: tuple[str, ...], models: Path, name: str, copies: int) -> float:
    """What a model adds to what is resident after a start, in MB: the mean over so many copies of one."""
    found = []
    with tempfile.TemporaryDirectory(prefix="pillion-models-") as folder:
        for count in (1, 1 + copies):
            names = [f"{name}{number}" for number in range(count)]
            for copy in names:
                _copy(models / name, Path(folder) / copy)
            with _sidecar(options, Path(folder)) as process:
                _require_ready(process, names)
                time.sleep(1)
                found.append(resident_bytes(_pid(process)))
    return (found[1] - found[0]) / copies / MB


def _copy(model: Path, copy: Path) -> None:
    """Copies a model under another name, which its manifests have to say as well."""
    shutil.copytree(model, copy, dirs_exist_ok=True)
    for path in copy.glob("*/manifest.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "model": copy.name}))


def _require_ready(process: SidecarProcess, models: list[str]) -> None:
    address = process.address_of("sidecar-http")
    absent = [model for model in models if not httpx.get(f"{address}/v2/models/{model}/ready").is_success]
    if absent:
        raise SystemExit(f"the sidecar does not serve {', '.join(absent)}")


def _sidecar(options: tuple[str, ...], models: Path, uds: Path | None = None) -> SidecarProcess:
    settings = SidecarSettings(jar=JAR, models=models, jvm_options=options, start_timeout_s=180)
    return SidecarProcess(settings, uds=uds, options=("--poll", "0"))


def _pid(process: SidecarProcess) -> int:
    assert process.pid is not None
    return process.pid


def main() -> None:
    """Runs the comparison and prints a table; its options are in `--help`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", default="", help="the JVM's options to compare with (default: none)")
    parser.add_argument("--after", default=shlex.join(JVM_OPTIONS), help="the JVM's options (default: a sidecar's)")
    parser.add_argument("--models", type=Path, default=ROOT / "pmml-models", help="model repository")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="per set of options, batch size and round")
    parser.add_argument("--copies", type=int, default=COPIES, help="of a model, for what one takes")
    given = parser.parse_args()
    options = {name: tuple(shlex.split(getattr(given, name))) for name in ("before", "after")}
    requests = [r for r in Bench(given.models, "ranker", "probability(1)", given.seconds).requests if r.rows in ROWS]
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pillion-")))
        running = {
            name: stack.enter_context(_sidecar(those, given.models, scratch / name)) for name, those in options.items()
        }
        time.sleep(1)
        started = {name: resident_bytes(_pid(process)) / MB for name, process in running.items()}
        found = asyncio.run(load(running, requests, given.rounds, given.seconds))
        for name, process in running.items():
            found[name]["resident after the start, MB"] = [started[name]]
            found[name]["a connection, kB"] = [connections(process, CONNECTIONS)]
    for name, those in options.items():
        if given.copies:
            found[name]["a model (`ranker`), MB"] = [model(those, given.models, "ranker", given.copies)]
    print("| what | before | after | ratio |\n|---|---:|---:|---:|")
    for what in found["before"]:
        before, after = (statistics.median(found[name][what]) for name in options)
        print(f"| {what} | {before:.3f} | {after:.3f} | {after / before:.2f} |")


if __name__ == "__main__":
    main()
