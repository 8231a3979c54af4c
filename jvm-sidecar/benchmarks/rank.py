"""Times ranking with the context given once against ranking full rows, and prints a table of ratios.

Usage: python rank.py FOLDER [--quick] [--page PAGE.md]

Needs the profile `benchmarks` to be built, see `make bench-rank`. Times are processor time, best of several. With
`--page` the table between the page's marks is replaced.
"""

import argparse
import json
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ROWS = [30, 300, 1_000]
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
    """Writes as many rows as the largest request has, from the start again where there are fewer."""
    repeated = [rows[i % len(rows)] for i in range(ROWS[-1])]
    lines = ["\t".join(names), *("\t".join(str(row[name]) for name in names) for row in repeated)]
    file.write_text("\n".join(lines) + "\n")


def measure(folder: Path, candidates: str, turns: int) -> list[tuple[int, float, float]]:
    """Number of candidates, and best microseconds a request with full rows, and with the context given once."""
    classes = f"{HERE / 'target/classes'}:{(HERE / 'target/class-path.txt').read_text().strip()}"
    command = ["java", "-Xms1g", "-Xmx1g", "-cp", classes, "org.pillion.benchmarks.RankTimes"]
    command += [str(folder / "model.pmml"), str(folder / "rows.tsv"), candidates, str(turns), *map(str, ROWS)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return [(int(rows), float(full), float(once)) for rows, full, once in lines]


def main() -> None:
    """Runs everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true", help="short runs, to see that everything works")
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    folder: Path = options.folder.resolve()
    lines = ["| model | candidates | full rows, µs | context once, µs | ratio |", "|---|---|---|---|---|"]
    for name, candidates in documents(folder).items():
        for rows, full, once in measure(folder / name, candidates, 3 if options.quick else 60):
            lines.append(f"| {name} | {rows:,} | {full:,.1f} | {once:,.1f} | {full / once:.2f}× |")
    text = "\n".join([f"Processor time a request, best of the run, one thread, {platform.machine()}.", "", *lines])
    print(text)
    if options.page:
        page = options.page.read_text()
        pattern = f"{re.escape(MARKS[0])}.*{re.escape(MARKS[1])}"
        options.page.write_text(re.sub(pattern, f"{MARKS[0]}\n{text}\n{MARKS[1]}", page, flags=re.DOTALL))


if __name__ == "__main__":
    main()
