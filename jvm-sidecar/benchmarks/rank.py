"""Times ranking by full rows, with the context given once, and by the rows of resident items, and prints a table.

Usage: python rank.py FOLDER [--quick] [--page PAGE.md] [--plot PLOT.svg]

Needs the profile `benchmarks` to be built, see `make bench-rank`. Times are processor time, best of several. With
`--page` the table between the page's marks is replaced, and with `--plot` the times are drawn over the candidates.
"""

import argparse
import dataclasses
import json
import math
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ROWS = 200
"""Rows that items and contexts are made of."""

SIZES = [30, 300, 1_000, 10_000, 100_000]
ITEMS = 100_000
CATALOGUE = 9_066
"""Films of the demo, which are ranked whole."""

MARKS = ("<!-- bench-rank -->", "<!-- end of bench-rank -->")


def documents(folder: Path) -> dict[str, str]:
    """A folder with a document and rows each, and the names of the inputs that differ between its candidates.

    They are the demo's ranker, and those models of `make bench-engine` that the last run of it has left.
    """
    ranker = folder / "ranker"
    ranker.mkdir(parents=True, exist_ok=True)
    source = ROOT / "pmml-models/ranker/1"
    shutil.copy(source / "model.pmml", ranker / "model.pmml")
    names = [field["name"] for field in json.loads((source / "manifest.json").read_text())["contract"]["inputs"]]
    rows = [json.loads(line)["input"] for line in (source / "verification.jsonl").read_text().splitlines()]
    write_rows(ranker / "rows.tsv", names, [row for row in rows if whole(row, names)])
    models = {"ranker": "(item|genre)_.*"}
    for name in ("logistic", "gbt-100x5", "forest-50x8"):
        document = ROOT / f"build/bench-engine/{name}.pmml"
        if document.exists():
            (folder / name).mkdir(exist_ok=True)
            shutil.copy(document, folder / name / "model.pmml")
            shutil.copy(document.parent / "rows.tsv", folder / name / "rows.tsv")
            models[name] = "genre|clicks|price|rating"
    return models


def whole(row: dict[str, Any], names: list[str]) -> bool:
    """Whether a row has a value in every field, and finite ones."""
    return not any(row.get(name) in (None, "", "NaN", "Infinity", "-Infinity") for name in names)


def write_rows(file: Path, names: list[str], rows: list[dict[str, Any]]) -> None:
    """Writes as many rows as the benchmark reads, from the start again where there are fewer."""
    repeated = [rows[i % len(rows)] for i in range(ROWS)]
    lines = ["\t".join(names), *("\t".join(str(row[name]) for name in names) for row in repeated)]
    file.write_text("\n".join(lines) + "\n")


@dataclasses.dataclass(frozen=True, slots=True)
class Times:
    """Best microseconds of a request, by the way in which it is asked."""

    candidates: int
    full: float
    once: float
    ids: float


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """What a model's run gave: bytes of an item's inputs and of what is kept beside them, and times by size."""

    inputs: float
    kept: float
    times: list[Times]


def classes() -> str:
    """The benchmarks' class path."""
    return f"{HERE / 'target/classes'}:{(HERE / 'target/class-path.txt').read_text().strip()}"


def first_phase(turns: int) -> list[str]:
    """Lines of a table: milliseconds by the clock to pick items of a catalogue by dot products."""
    lines = ["| first phase | threads | best, ms | median, ms |", "|---|---|---|---|"]
    for items, size in ((9_066, 16), (1_000_000, 32)):
        for threads in (1, 2):
            command = ["java", "-Xms2g", "-Xmx2g", "-cp", classes(), "org.pillion.benchmarks.FirstPhaseTimes"]
            command += [str(items), str(size), "500", str(turns), str(threads)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            best, median = map(float, done.stdout.split("\t"))
            lines.append(f"| 500 of {items:,} items of {size} factors | {threads} | {best:.2f} | {median:.2f} |")
    return lines


def measure(folder: Path, candidates: str, turns: int, items: int, sizes: list[int]) -> Run:
    """Runs the benchmark of a model, in a JVM of its own."""
    command = ["java", "-Xms2g", "-Xmx2g", "-cp", classes(), "org.pillion.benchmarks.RankTimes"]
    command += [str(folder / "model.pmml"), str(folder / "rows.tsv"), candidates, str(turns), str(items)]
    done = subprocess.run([*command, *map(str, sizes)], check=True, stdout=subprocess.PIPE, text=True)
    first, *lines = [line.split("\t") for line in done.stdout.splitlines()]
    times = [Times(int(size), float(full), float(once), float(ids)) for size, full, once, ids in lines]
    return Run(float(first[0]), float(first[1]), times)


def row(name: str, times: Times, candidates: str) -> str:
    """A line of the table."""
    cells = [name, candidates, f"{times.full:,.1f}", f"{times.once:,.1f}", f"{times.ids:,.1f}"]
    cells += [f"{times.full / times.ids:.1f}×", f"{times.ids / times.candidates:.3f}"]
    return f"| {' | '.join(cells)} |"


def draw(runs: dict[str, list[Times]]) -> str:
    """Times by ids over the number of candidates, both axes logarithmic, as a file of SVG."""
    from pygal import XY

    power = lambda exponent: f"{10**exponent:,.4g}"  # noqa: E731
    chart = XY(
        js=(), width=720, height=420, dots_size=3, legend_at_bottom=True, truncate_label=-1, truncate_legend=-1,
        x_title="candidates", y_title="µs a request", x_value_formatter=power, value_formatter=power,
    )  # fmt: skip
    chart.x_labels = list(range(1, 6))
    chart.y_labels = list(range(0, 7))
    for name, times in runs.items():
        for way in ("full", "ids") if name == "ranker" else ("ids",):
            points = [(math.log10(one.candidates), math.log10(getattr(one, way))) for one in times]
            chart.add(f"{name}, {'full rows' if way == 'full' else 'by ids'}", points)
    chart.uuid = "rank"
    drawing = str(chart.render(is_unicode=True))
    return re.sub(r"<!--.*?-->", "", drawing, flags=re.DOTALL) + "\n"


def main() -> None:
    """Runs everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true", help="short runs, to see that everything works")
    parser.add_argument("--page", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    folder: Path = options.folder.resolve()
    turns = 3 if options.quick else 40
    lines = ["| model | candidates | full rows, µs | context once, µs | by ids, µs | full ÷ ids | µs a candidate |"]
    lines.append("|---|---|---|---|---|---|---|")
    memory, plotted = [], {}
    for name, candidates in documents(folder).items():
        run = measure(folder / name, candidates, turns, ITEMS, SIZES)
        lines += [row(name, times, f"{times.candidates:,}") for times in run.times]
        memory.append(f"{name} {run.inputs:,.0f} + {run.kept:,.1f}")
        plotted[name] = run.times
        if name == "ranker":
            whole = measure(folder / name, candidates, turns, CATALOGUE, [CATALOGUE])
            lines.append(row(name, whole.times[0], f"all {CATALOGUE:,}"))
    lines.append(f"\nBytes an item, of its inputs and of what is kept beside them: {'; '.join(memory)}.")
    lines += ["", *first_phase(10 if options.quick else 200)]
    text = "\n".join([f"Processor time a request, best of the run, one thread, {platform.machine()}.", "", *lines])
    print(text)
    if options.page:
        page = options.page.read_text()
        pattern = f"{re.escape(MARKS[0])}.*{re.escape(MARKS[1])}"
        options.page.write_text(re.sub(pattern, f"{MARKS[0]}\n{text}\n{MARKS[1]}", page, flags=re.DOTALL))
    if options.plot:
        options.plot.write_text(draw(plotted))


if __name__ == "__main__":
    main()
