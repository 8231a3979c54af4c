"""The page that a run of the benchmark is written to."""

import os
import platform
from typing import Any

from pillion.lab.machine import processor

BASE = "Unix socket, binary"
STAND_IN = "JPMML in our server, Openscoring's dialect"
_HEAD = """# What a call to the sidecar costs

`make bench-serving` writes this page: every transport by every encoding, beside the engine in process and
others' servers, in one run on one machine. Ratios within the page count; the milliseconds are this machine's.
"""
_METHOD = """
## How

Requests are encoded beforehand and replies are read whole. Closed loop: one caller that waits for each answer,
{seconds:g} s a cell after a warm-up. Open loop: calls begin at fixed times, at half the closed loop's rate, and
each is timed from when it was due, so that a stall counts for all that it delays. CPU is the server's (in process:
the caller's) per request, in steps of 10 ms over a cell. p99.9 is given where there were 1,000 calls. In process
there is no open loop.

- *In process, Java* is `tools/benchmarks/InProcess.java`: columns in, columns out, one thread. *JPype* packs Python's
  values first.
- *Mutual TLS* is 1.3, with keys of the curve P-256 on both sides and without resumption.
- *MLServer* is 1.7.1 from its wheel, in an environment of its own (`python/requirements-mlserver.lock`), with a
  runtime of 20 lines around JPMML-Evaluator's own Python package (`tools/benchmarks/mlserver_runtime.py`), without
  parallel workers.
- *Openscoring* could not be run: its server is in neither Maven Central nor PyPI. In its place stands the same
  evaluator behind our HTTP server, asked in Openscoring's dialect, a record in JSON per row: what the evaluator
  and the dialect cost, without Openscoring's own server. Openscoring 2.1 itself, measured elsewhere on a machine
  like this one over TCP: 0.4 to 1 ms p50 for one row, 88 to 177 ms for 1,000 rows.
"""


def page(found: list[dict[str, Any]], absent: dict[str, str], model: str, inputs: int, seconds: float) -> str:
    """Returns the page: goals, what explains them, table, method."""
    cells = {(one["route"], one["rows"]): one for one in found}
    missing = [f"\n{name} was not measured: {reason}\n" for name, reason in absent.items()]
    return "".join(
        [
            _HEAD,
            f"\nModel `{model}`, {inputs} inputs; {machine()}\n",
            *missing,
            _goals(cells),
            _reasons(cells),
            _table(found, cells),
            _METHOD.format(seconds=seconds),
        ]
    )


def machine() -> str:
    """Returns what the machine is, and how busy, at the end of a run."""
    load = os.getloadavg()[0]
    return (
        f"{processor()}, {os.cpu_count()} processors, load {load:.1f} at the end; Python {platform.python_version()}."
    )


def _verdict(times: float, goal: float, stretch: float) -> str:
    return "stretch met" if times >= stretch else "met" if times >= goal else "missed"


def _goals(cells: dict[tuple[str, int], dict[str, Any]]) -> str:
    goals = [
        ("one row over the Unix socket, p50", STAND_IN, 1, "p50_ms", 8, 20),
        ("1,000 candidates, p50", STAND_IN, 1000, "p50_ms", 40, 100),
        ("1,000 candidates, p99", STAND_IN, 1000, "p99_ms", 20, 100),
        ("1,000 candidates, p50", "MLServer, REST", 1000, "p50_ms", 20, 50),
        ("1,000 candidates, p50", "MLServer, gRPC", 1000, "p50_ms", 8, 20),
    ]
    lines = ["\n## Goals\n", "\n| what | beside | goal | stretch | measured | |\n|---|---|---:|---:|---:|---|\n"]
    for what, rival, rows, key, goal, stretch in goals:
        if (rival, rows) not in cells:
            lines.append(f"| {what} | {rival} | 1/{goal} | 1/{stretch} | – | not measured |\n")
            continue
        times = cells[rival, rows][key] / cells[BASE, rows][key]
        verdict = _verdict(times, goal, stretch)
        lines.append(f"| {what} | {rival} | 1/{goal} | 1/{stretch} | 1/{times:.1f} | {verdict} |\n")
    for what, rows, low, high, goal, stretch in (
        ("one row over the Unix socket, p50", 1, 0.4, 1.0, 8, 20),
        ("1,000 candidates, p50", 1000, 88.0, 177.0, 40, 100),
    ):
        p50 = cells[BASE, rows]["p50_ms"]
        verdict = _verdict(low / p50, goal, stretch)
        rival = f"Openscoring's {low:g} to {high:g} ms, of another run"
        lines.append(
            f"| {what} | {rival} | 1/{goal} | 1/{stretch} | 1/{low / p50:.1f} to 1/{high / p50:.1f} | {verdict} |\n"
        )
    return "".join(lines)


def _reasons(cells: dict[tuple[str, int], dict[str, Any]]) -> str:
    """Where a call's time goes, from the cells of the same run; what a missed goal is missed by."""

    def p50(route: str, rows: int) -> float:
        return float(cells[route, rows]["p50_ms"])

    one, many = p50(BASE, 1), p50(BASE, 1000)
    engine_one, engine_many = p50("in process, Java", 1), p50("in process, Java", 1000)
    lines = [
        "\n## Where the time goes\n\n",
        f"- **One row**: of {one:.3f} ms over the Unix socket the engine takes {engine_one:.3f} ms, and the server "
        f"{cells[BASE, 1]['cpu_ms']:.3f} ms of processor time in all. The rest is HTTP in the Python caller and the "
        "switches between the two processes, which every rival pays as well.\n",
        f"- **1,000 rows**: {engine_many:.3f} of {many:.3f} ms are the engine's, for full rows; the rest is carrying "
        "and checking every input of every row.",
    ]
    if (STAND_IN, 1000) in cells:
        lines.append(
            f" The stand-in takes {p50(STAND_IN, 1000) / engine_many:.0f} times as long as the engine alone: no "
            "transport could bring the ratio beyond that."
        )
    lines.append(" The rank route carries and computes a request's context once (`make bench-rank`).\n")
    lines.append(_tls(cells))
    return "".join(lines)


def _tls(cells: dict[tuple[str, int], dict[str, Any]]) -> str:
    """What mutual TLS adds to the same calls without it."""

    def more(rest: str, rows: int, key: str) -> float:
        return float(cells[f"TCP, mutual TLS, {rest}", rows][key] - cells[f"TCP, {rest}", rows][key])

    each = "binary, a connection per call"
    return (
        f"- **Mutual TLS**: on a kept connection the cipher adds {more('binary', 1, 'p50_ms'):.3f} ms to one row over "
        f"TCP and {more('binary', 1000, 'p50_ms'):.3f} ms to 1,000 rows (p50). A connection per call shows what a "
        f"handshake costs, in which both sides sign: it adds {more(each, 1, 'p50_ms'):.3f} ms to one row, "
        f"{more(each, 1, 'cpu_ms'):.3f} ms of them the server's processor time.\n"
    )


def _table(found: list[dict[str, Any]], cells: dict[tuple[str, int], dict[str, Any]]) -> str:
    lines = [
        f"\n## Every route\n\nRatios are to *{BASE}* with as many rows.\n\n",
        "| rows | route | ratio of p50 | p50 ms | p99 ms | p99.9 ms | requests/s | CPU ms | open p50 | open p99 "
        "| open p99.9 |\n",
        "|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    ]
    for one in sorted(found, key=lambda one: one["rows"]):
        ratio = one["p50_ms"] / cells[BASE, one["rows"]]["p50_ms"]
        keys = ("p50_ms", "p99_ms", "p999_ms")
        rest = f"{one['per_s']:.0f} | {one['cpu_ms']:.3f}"
        closed = " | ".join(_ms(one.get(key)) for key in keys)
        late = " | ".join(_ms(one.get(f"open_{key}")) for key in keys)
        lines.append(f"| {one['rows']} | {one['route']} | {ratio:.2f} | {closed} | {rest} | {late} |\n")
    return "".join(lines)


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
