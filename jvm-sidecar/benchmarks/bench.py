"""Times every way to score the benchmarks' models in one run, and prints one table of ratios.

Usage: python bench.py FOLDER [--quick] [--skip-spark] [--only MODEL]

Needs the profile `benchmarks` to be built, see `make bench-engine`. Times are processor time, best of several, so
that they can be compared on a machine that does other things too; Spark's, which uses many threads, are by the clock.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from fit import MODELS
from fit import main as fit

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ROWS = [1, 10, 100, 1_000]
TREES = ("gbt-100x5", "forest-50x8")
OWN = {"gbt-100x5": "Spark's trees", "xgboost-100x5": "XGBoost's", "lightgbm-100x5": "LightGBM's"}
ROUTES = ["interpreter-maps", "transpiler-maps", "compiled-maps", "compiled-columns"]
Nanoseconds = dict[tuple[str, str, int], float]


def transpiler_jars(folder: Path) -> list[str]:
    """The transpiler's jars, out of the wheel that the lock file pins, or none where it cannot be had."""
    target = folder / "jpmml-evaluator"
    if not target.exists():
        lock = (ROOT / "python/requirements-bench.lock").read_text()
        pinned = re.search(r"^jpmml-evaluator==(?:.*\\\n)*.*\n", lock, re.MULTILINE)
        assert pinned is not None
        (folder / "jpmml-evaluator.txt").write_text(pinned[0])
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "--target"]
        done = subprocess.run([*command, target, "-r", folder / "jpmml-evaluator.txt"], check=False)
        if done.returncode != 0:
            shutil.rmtree(target, ignore_errors=True)
            return []
    # The evaluator's own jars are there as well; those of the engine come first on the class path.
    return [str(jar) for jar in sorted(target.rglob("dependencies/*.jar"))]


def class_path(folder: Path) -> str:
    """The benchmarks, the engines, JMH, and the transpiler where there is one."""
    jars = (HERE / "target/class-path.txt").read_text().strip()
    return ":".join([str(HERE / "target/classes"), jars, *transpiler_jars(folder)])


def measure(folder: Path, model: str, route: str, classes: str, quick: bool) -> tuple[Nanoseconds, float | None, str]:
    """Best nanoseconds a row and bytes allocated a row (1,000 rows), or why the route fails; in a JVM of their own."""
    output = folder / "jmh.json"
    output.unlink(missing_ok=True)
    iterations = ["-wi", "1", "-w", "200ms", "-i", "1", "-r", "200ms"] if quick else []
    parameters = {"folder": folder, "model": model, "route": route, "rows": ",".join(map(str, ROWS))}
    command = [
        "java",
        "-Xms2g",
        "-Xmx2g",
        "-cp",
        classes,
        "org.openjdk.jmh.Main",
        "-f",
        "0",
        "-prof",
        "gc",
        "-prof",
        "org.pillion.benchmarks.CpuTimeProfiler",
        *iterations,
    ]
    for name, value in parameters.items():
        command += ["-p", f"{name}={value}"]
    command += ["-rf", "json", "-rff", str(output), "-foe", "true"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not output.exists():
        # JMH wraps what a benchmark throws in exceptions of its own.
        thrown = r"^(?:Caused by: )?((?!org\.openjdk)[\w.$]+(?:Exception|Error)(?:: .*)?)$"
        causes = re.findall(thrown, done.stdout + done.stderr, re.MULTILINE)
        return {}, None, causes[-1] if causes else "failed"
    times: Nanoseconds = {}
    allocated = None
    for entry in json.loads(output.read_text()):
        rows = int(entry["params"]["rows"])
        # The names are marked with a dot that differs between versions of JMH.
        secondary = {name.lstrip("·"): metric["score"] for name, metric in entry["secondaryMetrics"].items()}
        times[model, route, rows] = secondary["cpu"] / rows
        if rows == ROWS[-1]:
            allocated = secondary["gc.alloc.rate.norm"] / rows
    return times, allocated, ""


def plain_c(folder: Path, model: str) -> Nanoseconds:
    """The trees in C, compiled without contraction; nothing where there is no compiler."""
    if shutil.which("cc") is None:
        return {}
    generated = folder / model
    generated.mkdir(exist_ok=True)
    subprocess.run(
        [sys.executable, HERE / "forest.py", folder / f"{model}.pmml", folder / "rows.tsv", generated / "trees.h"],
        check=True,
    )
    program = generated / "plain"
    flags = ["-O3", "-ffp-contract=off", "-I", str(generated)]
    subprocess.run(["cc", *flags, "-o", str(program), str(HERE / "plain.c")], check=True)
    timed = json.loads(subprocess.run([program], check=True, capture_output=True, text=True).stdout)
    return {
        (model, f"c-{order}", int(rows)): each[f"by_{order}"]
        for rows, each in timed.items()
        for order in ("row", "tree")
    }


def rivals(folder: Path) -> dict[str, Any]:
    """Nanoseconds a row and tree of other libraries, by rows, or why one is missing; in an environment of their own."""
    home = folder / "rivals"
    python = home / "bin/python"
    lock = ROOT / "python/requirements-rivals.lock"
    installed = home / "requirements.lock"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        print("installing the libraries of trees that are timed beside the engine", file=sys.stderr, flush=True)
        venv.create(home, clear=True, with_pip=True)
        command = [python, "-m", "pip", "install", "-q", "--require-hashes", "--only-binary", ":all:", "-r", lock]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return {"all others": f"could not be installed: {done.stderr.strip().splitlines()[-1]}"}
        shutil.copy(lock, installed)
    one = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([python, HERE / "rivals.py", home], env=one, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"all others": f"failed: {done.stderr.strip().splitlines()[-1]}"}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def rival_table(times: Nanoseconds, others: dict[str, Any]) -> str:
    """Boosted trees, nanoseconds a row and tree, the engine's first."""
    lines = ["| 100 trees of depth 5, ns a row and tree | 100 rows | 1,000 rows |", "|---|---|---|"]
    for model, trees in OWN.items():
        for route in ("compiled-columns", "compiled-maps"):
            each = [times.get((model, route, rows)) for rows in (100, 1_000)]
            cells = ["–" if value is None else f"{value / 100:.1f}" for value in each]
            lines.append(f"| Pillion, {trees}, {route.removeprefix('compiled-')} | " + " | ".join(cells) + " |")
    for name, result in others.items():
        missing = isinstance(result, str)
        cells = [f"missing: {result}", ""] if missing else [f"{result[rows]:.1f}" for rows in ("100", "1000")]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def load_times(folder: Path, classes: str, repeats: int) -> dict[str, list[float]]:
    """Median milliseconds, by the clock and of processor time, from document to first score in a cold JVM."""
    times = {}
    for engine in ("jpmml", "compiled"):
        command = ["java", "-cp", classes, "org.pillion.benchmarks.LoadTime", engine]
        command += [str(folder / "forest-50x8.pmml"), str(folder / "rows.tsv")]
        runs = [
            subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() for _ in range(repeats)
        ]
        times[engine] = [statistics.median(map(float, column)) for column in zip(*runs, strict=True)]
    return times


def shown(nanoseconds: float | None) -> str:
    """Nanoseconds as microseconds."""
    if nanoseconds is None:
        return "–"
    return f"{nanoseconds / 1000:,.2f}" if nanoseconds < 1e6 else f"{nanoseconds / 1000:,.0f}"


def ratio(other: float | None, own: float | None) -> str:
    """How many times another way takes."""
    return "–" if other is None or not own else f"{other / own:,.1f}×"


def table(
    models: list[str], times: Nanoseconds, allocated: dict[tuple[str, str], float], failures: dict[tuple[str, str], str]
) -> str:
    """One line for each model and size of request: microseconds a row, and the compiled engine's ratios."""
    heads = ["model", "rows", "interpreter", "transpiler", "compiled", "compiled, columns", "C by row", "C by tree"]
    heads += ["Spark", "interpreter ÷ compiled", "transpiler ÷ compiled", "C by tree ÷ compiled", "Spark ÷ compiled"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for model in models:
        for rows in ROWS:
            each = {route: times.get((model, route, rows)) for route in [*ROUTES, "c-row", "c-tree", "spark"]}
            maps, columns = each["compiled-maps"], each["compiled-columns"]
            cells = [model, f"{rows:,}", *(shown(value) for value in each.values())]
            cells += [ratio(each["interpreter-maps"], maps), ratio(each["transpiler-maps"], maps)]
            cells += [ratio(each["c-tree"], columns), ratio(each["spark"], maps)]
            lines.append("| " + " | ".join(cells) + " |")
    lines.append("")
    for (model, route), size in sorted(allocated.items()):
        lines.append(f"- {model}, {route}: {size:,.0f} bytes allocated a row (1,000 rows)")
    for (model, route), reason in sorted(failures.items()):
        lines.append(f"- {model}, {route}: fails: {reason[:200]}")
    return "\n".join(lines)


def main() -> None:
    """Runs everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--quick", action="store_true", help="short runs, to see that everything works")
    parser.add_argument("--skip-spark", action="store_true", help="take documents and Spark's times from the last run")
    parser.add_argument(
        "--only", choices=MODELS, metavar="MODEL", help="print this model's rows of the table and no more"
    )
    options = parser.parse_args()
    folder: Path = options.folder.resolve()
    models = [options.only] if options.only else list(MODELS)
    if not options.skip_spark:
        fit(folder)
    times: Nanoseconds = {}
    for model, by_rows in json.loads((folder / "spark.json").read_text()).items():
        times.update({(model, "spark", int(rows)): best * 1e9 / int(rows) for rows, best in by_rows.items()})
    classes = class_path(folder)
    allocated: dict[tuple[str, str], float] = {}
    failures: dict[tuple[str, str], str] = {}
    for model in models:
        for route in ROUTES:
            print(f"timing {model} by {route}", file=sys.stderr, flush=True)
            measured, size, failure = measure(folder, model, route, classes, options.quick)
            times.update(measured)
            if size is not None:
                allocated[model, route] = size
            if failure:
                failures[model, route] = failure
    if options.only:
        print(table(models, times, allocated, failures))
        return
    for model in TREES:
        times.update(plain_c(folder, model))
    others = rivals(folder)
    loads = load_times(folder, classes, 1 if options.quick else 5)
    report: list[Any] = [
        "Microseconds of processor time a row, best of the run, one thread, "
        f"{platform.machine()}. Interpreter, transpiler, compiled and "
        "Spark take rows as maps or as a data frame; columns and C take rows that are encoded before.",
        "" if shutil.which("cc") else "There is no C compiler here.",
        table(models, times, allocated, failures),
        "",
        rival_table(times, others),
        "",
        "Document to first score, cold JVM, forest-50x8: "
        + "; ".join(
            f"{kind}: interpreter {theirs:,.0f} ms, compiled {ours:,.0f} ms, {ours / theirs:.2f} of it"
            for kind, theirs, ours in zip(("by the clock", "processor time"), *loads.values(), strict=True)
        ),
    ]
    text = "\n".join(str(part) for part in report) + "\n"
    (folder / "table.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
