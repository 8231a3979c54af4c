"""Start to first verified answer, and memory: plain starts against archived ones, interleaved, as ratios.

A plain start is `java -jar` with the interpreter and JAXB. Each figure is the median of several starts; CPU time is
given as well, since it does not depend on what else the machine does.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from pillion.config import SidecarSettings
from pillion.scoring.java import java_version
from pillion.scoring.startup_archive import StartupArchive
from tools.process_usage import resident_bytes

_START_S = 120.0
Row = dict[str, Any]
_GOAL, _STRETCH = 1 / 2, 1 / 5
_HEAD = """# What a start costs

`make bench-start` writes this page: from nothing to the first answer over HTTP that was compared with Spark's, with
the models {models} loaded and verified; medians of {runs} starts, taken in turn. A plain start is `java -jar`
with the interpreter. Ratios within a Java count; the seconds are this machine's. *Archived* starts use what `make cds`
makes: a class data sharing archive on Java 17 to 24, an AOT cache on 25 and later. *Small* adds the serial collector
and the first compiler tier alone, which saves memory and costs speed later.

Goal: at most 1/2 of the plain start; stretch: 1/5.

| Java | way | start s | ratio | CPU s | ratio | resident MiB | ratio | goal |
|---|---|---:|---:|---:|---:|---:|---:|---|
"""


@dataclass(frozen=True)
class Start:
    """One start: seconds from nothing to the first answer that was compared, seconds of CPU, resident bytes."""

    wall_s: float
    cpu_s: float
    rss_bytes: int


def first_row(models: Path) -> tuple[str, Row, Row]:
    """A model's name, its first good verification row's input and what is expected of it."""
    for manifest in sorted(models.glob("*/*/manifest.json")):
        for line in (manifest.parent / "verification.jsonl").read_text().splitlines():
            row = json.loads(line)
            if not row["expected"].get("error"):
                return manifest.parent.parent.name, row["input"], row["expected"]
    raise SystemExit(f"there is no model in {models}")


def ask(address: str, model: str, row: Row, expected: Row) -> None:
    """Asks for one row and compares what the version says that it answers: the interpreter has fewer outputs."""
    described = httpx.get(f"{address}/v2/models/{model}").json()
    inputs = [
        {"name": field["name"], "shape": [1], "datatype": field["datatype"], "data": [row.get(field["name"])]}
        for field in described["inputs"]
    ]
    answer = httpx.post(f"{address}/v2/models/{model}/infer", json={"inputs": inputs}, timeout=_START_S)
    answer.raise_for_status()
    found = {output["name"]: output["data"][0] for output in answer.json()["outputs"]}
    names = [output["name"] for output in described["outputs"] if output["name"] in expected]
    if not names:
        raise SystemExit(f"{model} answers nothing that was recorded")
    for name in names:
        value = expected[name]
        if isinstance(value, int | float) and abs(found[name] - value) > 1e-9 * max(1.0, abs(value)):
            raise SystemExit(f"{model} answered {found[name]} for {name}, not {value}")


def measure(command: list[str], model: str, row: Row, expected: Row) -> Start:
    """Starts a sidecar, asks it, and ends it."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("LISTENING sidecar-http "):
                break
        else:
            raise SystemExit(f"it did not start: {' '.join(command)}")
        ask(line.split()[2], model, row, expected)
        wall_s = time.perf_counter() - started
        rss = resident_bytes(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return Start(wall_s, used.ru_utime + used.ru_stime, rss)


def main() -> None:
    """Measures, prints a table, and writes it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("pmml-models"))
    parser.add_argument("--jar", type=Path, default=SidecarSettings().jar)
    parser.add_argument("--java", type=Path, action="append", help="a java to measure; may be given again")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--page", type=Path, help="a page to write as well")
    asked = parser.parse_args()
    model, row, expected = first_row(asked.models)
    report = {}
    with TemporaryDirectory() as cache:
        for java in asked.java or [Path("/usr/bin/java")]:
            version = java_version(java)
            archive = StartupArchive(java, asked.jar, {"XDG_CACHE_HOME": cache})
            if archive.find() is None:
                archive.make(asked.models)
            tail = ["-jar", str(asked.jar), "--models", str(asked.models), "--http", "127.0.0.1:0"]
            ways = {
                "plain": [str(java), *tail, "--engine", "jpmml"],
                "compiled": [str(java), *tail],
                "compiled, archived": [str(java), *archive.options(), *tail],
                "compiled, archived, small": [
                    str(java), *archive.options(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *tail,
                ],
            }  # fmt: skip
            starts: dict[str, list[Start]] = {way: [] for way in ways}
            for _ in range(asked.runs):
                for way, command in ways.items():
                    starts[way].append(measure(command, model, row, expected))
            report[f"Java {version}"] = summary(starts)
    for name, medians in report.items():
        print(f"{name:<9} {'':<27} start s  ratio  CPU s  ratio  resident MiB  ratio")
        for way, found in medians.items():
            print(
                f"{'':<9} {way:<27} {found['wall_s']:7.2f} {found['wall_ratio']:6.2f} {found['cpu_s']:6.2f}"
                f" {found['cpu_ratio']:6.2f} {found['rss_mib']:13.0f} {found['rss_ratio']:6.2f}"
            )
    if asked.page:
        asked.page.write_text(page(report, asked.models, asked.runs))
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps(report, indent=2) + "\n")


def page(report: dict[str, dict[str, dict[str, float]]], models: Path, runs: int) -> str:
    """Returns the page: each way's start, its ratios to the plain one, and the goal."""
    names = ", ".join(sorted(path.name for path in models.iterdir() if path.is_dir()))
    lines = [_HEAD.format(models=names, runs=runs)]
    for java, ways in report.items():
        for way, found in ways.items():
            ratio = found["wall_ratio"]
            verdict = "stretch met" if ratio <= _STRETCH else "met" if ratio <= _GOAL else "missed"
            verdict = "–" if way == "plain" else verdict
            lines.append(
                f"| {java} | {way} | {found['wall_s']:.2f} | {ratio:.2f}"
                f" | {found['cpu_s']:.2f} | {found['cpu_ratio']:.2f}"
                f" | {found['rss_mib']:.0f} | {found['rss_ratio']:.2f} | {verdict} |\n"
            )
    machine = f"\n{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end.\n"
    return "".join([*lines, machine])


def summary(starts: dict[str, list[Start]]) -> dict[str, dict[str, float]]:
    """Medians by way, and their ratios to the plain way's."""

    def median(way: str, field: str) -> float:
        return statistics.median(float(getattr(start, field)) for start in starts[way])

    return {
        way: {
            "wall_s": median(way, "wall_s"),
            "wall_ratio": median(way, "wall_s") / median("plain", "wall_s"),
            "cpu_s": median(way, "cpu_s"),
            "cpu_ratio": median(way, "cpu_s") / median("plain", "cpu_s"),
            "rss_mib": median(way, "rss_bytes") / 2**20,
            "rss_ratio": median(way, "rss_bytes") / median("plain", "rss_bytes"),
        }
        for way in starts
    }


if __name__ == "__main__":
    main()
