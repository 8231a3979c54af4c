"""Offers the shim more than it can do: `python -m tools.chaos.overload`.

For 1, 2 and 4 workers it finds the peak of online answers a second, with callers that never pause; then it sends 2 and
5 times as many requests at random moments, whether or not those before were answered. The generator is a process of its
own. Prints for each load what became of the requests, the memory of the shim and how soon the model was back.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import uvloop

from tools.chaos import overload_report
from tools.chaos.load import Client, Tally, measure_capacity, quantile, send, until_online
from tools.chaos.stack import Stack
from tools.process_usage import resident_bytes

_CALLERS = (1, 2, 4, 8, 16)
_PROCESSORS_TO_PIN = 4
"""With fewer, a processor for the generator alone takes more from the shim than the generator does."""
_BUDGET_S = 0.050
_PATIENCE_S = 2.0
_ROW = 20
_BACK_PER_S = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What one load gave, as the generator saw it; times count from the moment that a request was due.

    Attributes:
        sent: Requests.
        seconds: How long until the last of them was answered.
        good: Online answers within 50 ms.
        answered: Good answers within two seconds, of any rung.
        late: Good answers after more than that.
        refused: Requests whose connection was refused or reset before it was taken.
        hangs: Requests without an answer after two seconds since they were sent.
        wrong: Requests with a 5xx, a malformed answer, another user's, or half of one.
        p50_ms: Median time of the answers.
        p99_ms: Their 99th percentile.
        slowest_ms: The slowest of them.
        lag_ms: How late the generator was in sending, 99th percentile.
        reasons: Answers by reason.
        back_s: Seconds until the model answered again, after the load; None after ten.
        first: The first odd thing, in words.
    """

    sent: int
    seconds: float
    good: int
    answered: int
    late: int
    refused: int
    hangs: int
    wrong: int
    p50_ms: float
    p99_ms: float
    slowest_ms: float
    lag_ms: float
    reasons: dict[str, int]
    back_s: float | None
    first: str


async def find_peak(host: str, port: int) -> float:
    """Returns the most online answers a second that callers get who never pause."""
    client = Client(host, port)
    await until_online(client, Tally(), 60.0, 300, 60.0)
    for callers in _CALLERS:  # cold processes have no peak to measure
        await measure_capacity(client, 1.0, callers)
    peak = max([1.0, *[await measure_capacity(client, 2.0, callers) for callers in _CALLERS]])
    await client.close()
    return peak


async def offer(host: str, port: int, per_s: float, seconds: float, patience_s: float = _PATIENCE_S) -> Load:
    """Sends requests on schedule and returns what came of them; those without an answer in time hang."""
    client, tally = Client(host, port, hang_s=patience_s), Tally()
    took, _ = await send(client, tally, round(seconds * per_s), per_s, seed=random.randrange(1 << 30))
    after = Tally()
    back_s = await until_online(client, after, _BACK_PER_S, _ROW, 10.0)
    await client.close()
    wrong = tally.errors + tally.malformed + tally.wrong_user + tally.broken - tally.reset
    late = sum(each > patience_s for each in tally.seconds)
    return Load(
        tally.sent,
        took,
        sum(online and each <= _BUDGET_S for online, each in zip(tally.online, tally.seconds, strict=True)),
        tally.statuses[200] - tally.malformed - tally.wrong_user - late,
        late,
        tally.refused + tally.reset,
        tally.hangs,
        wrong,
        tally.quantile_ms(0.5),
        tally.quantile_ms(0.99),
        max(tally.seconds, default=0.0) * 1000,
        quantile(tally.lag, 0.99) * 1000,
        dict(tally.reasons.most_common()),
        back_s,
        tally.first,
    )


def generate(*words: object, processor: int | None = None) -> Any:
    """Runs this program as a generator in a process of its own, on a processor of its own where one is given."""
    alone = [] if processor is None else ["taskset", "--cpu-list", str(processor)]
    command = [*alone, sys.executable, "-m", "tools.chaos.overload", "--generator", *map(str, words)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=600)
    return json.loads(ran.stdout)


def memory_mib(stack: Stack) -> float:
    """Returns the resident memory of the shim's workers."""
    status = json.loads(stack.shim.get("/v1/status"))
    return sum(resident_bytes(worker["pid"]) for worker in (status, *status["others"])) / 2**20


def measure(
    stack: Stack, workers: int, times: Sequence[float], seconds: float, peak: float | None, processor: int | None
) -> list[dict[str, Any]]:
    """Measures the shim of a stack at several loads; returns a row of the page each."""
    where = stack.shim.host, stack.shim.port
    peak = peak or generate("peak", *where, processor=processor)
    before = memory_mib(stack)
    rows = []
    for each in times:
        load = generate("offer", *where, peak * each, seconds, processor=processor)
        row = {"workers": workers, "times": each, "peak_per_s": peak, **load}
        row["grown_mib"] = memory_mib(stack) - before
        rows.append(row)
        print(overload_report.line(row), flush=True)
    return rows


def main(words: list[str]) -> int:
    """Returns the exit status: 0 where every goal is met."""
    if words[:1] == ["--generator"]:
        what, host, port, *numbers = words[1:]
        if what == "peak":
            print(json.dumps(uvloop.run(find_peak(host, int(port)))))
        else:
            print(json.dumps(asdict(uvloop.run(offer(host, int(port), *map(float, numbers))))))
        return 0
    parser = argparse.ArgumentParser(prog="tools.chaos.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each load")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="of the shim, one run each")
    parser.add_argument("--page", type=Path, default=None, help="where the table goes as a page")
    parser.add_argument("--peak", type=float, default=None, help="requests a second, instead of measuring the peak")
    arguments = parser.parse_args(words)
    processors = sorted(os.sched_getaffinity(0))
    pins = len(processors) >= _PROCESSORS_TO_PIN and shutil.which("taskset") is not None
    processor = processors.pop() if pins else None
    os.sched_setaffinity(0, processors)  # those of shim, store and sidecar
    rows = []
    for workers in arguments.workers:
        environment = {"PILLION_SHIM_WORKERS": str(workers)}
        with (
            tempfile.TemporaryDirectory(prefix="pillion-") as folder,
            Stack(Path(folder), environment, proxied=False) as stack,
        ):
            rows += measure(stack, workers, (2.0, 5.0), arguments.seconds, arguments.peak, processor)
    text, met = overload_report.page(rows)
    print(text)
    if arguments.page:
        arguments.page.write_text(text + "\n")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
