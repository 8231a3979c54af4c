"""Samples where a route of the engine's benchmarks spends its time, and prints a table of methods.

Usage: python hot_methods.py FOLDER MODEL ROUTE [--rows N]

Needs what `make bench-engine` leaves in FOLDER; see `make profile-engine`. Samples are Java Flight Recorder's, of the
method at the top of the stack, inlined ones told apart; native code, such as filling arrays, is not among them.
"""

import argparse
import collections
import re
import subprocess
import tempfile
from pathlib import Path

from bench import ROUTES, class_path
from fit import MODELS

TOP = re.compile(r"stackTrace = \[\s*(?:[\w.$]+\.)?([\w$]+\.[\w$<>]+)\(")


def sample(folder: Path, model: str, route: str, rows: int) -> collections.Counter[str]:
    """Samples by method, of about ten seconds of scoring after the JIT has settled."""
    with tempfile.TemporaryDirectory() as scratch:
        recording = Path(scratch) / "recording.jfr"
        command = ["java", "-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints", "-Xms2g", "-Xmx2g"]
        command += [f"-XX:StartFlightRecording=delay=5s,filename={recording},settings=profile"]
        command += ["-cp", class_path(folder), "org.openjdk.jmh.Main", "-f", "0", "-wi", "4", "-w", "1", "-i", "10"]
        parameters = {"folder": folder, "model": model, "route": route, "rows": rows}
        for name, value in parameters.items():
            command += ["-p", f"{name}={value}"]
        subprocess.run([*command, "-r", "1"], check=True, capture_output=True)
        events = ["jfr", "print", "--events", "jdk.ExecutionSample", "--stack-depth", "1", str(recording)]
        printed = subprocess.run(events, check=True, capture_output=True, text=True).stdout
    return collections.Counter(TOP.findall(printed))


def main() -> None:
    """Prints the methods that have two percent of the samples or more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("route", choices=ROUTES)
    parser.add_argument("--rows", type=int, default=1_000)
    options = parser.parse_args()
    found = sample(options.folder.resolve(), options.model, options.route, options.rows)
    print(f"{options.model}, {options.route}, {options.rows:,} rows: {found.total():,} samples\n")
    for method, count in found.most_common():
        if count >= 0.02 * found.total():
            print(f"{count / found.total():6.1%}  {method}")


if __name__ == "__main__":
    main()
