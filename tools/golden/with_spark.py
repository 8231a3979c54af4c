"""Fits, exports and records the golden cases with the installed Spark, and holds the engines against what it says.

`make test-spark SPARK=3.5` runs it. Stages that this Spark does not have are told and left out.
"""

import argparse
import re
import sys
from pathlib import Path

import pyspark

from pillion.export.session import create_session
from tools.checkout import JAR
from tools.golden.outcome import outcome
from tools.golden.record import record
from tools.golden.store import DATA, read, recorded

_PLAN = re.compile(rb'(?:<|&lt;)plan [^>]*?spark=["&](?:quot;|#34;)?([0-9.]+)')


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cases", default="", help="names, separated by commas; all where empty")
    arguments = parser.parse_args()
    session = create_session(log_level="OFF")
    try:
        status = record(session, [name for name in arguments.cases.split(",") if name], arguments.folder)
    finally:
        session.stop()
    failed = compare(arguments.folder)
    absent = sorted(set(recorded(DATA)) - set(recorded(arguments.folder))) if not arguments.cases else []
    if absent:
        print(f"{len(absent)} of the recorded cases are not made by Spark {pyspark.__version__}: {', '.join(absent)}")
    return 1 if failed else status


def compare(folder: Path) -> int:
    """Prints what the compiled engine makes of the cases in a folder; returns how many it does not compute exactly."""
    names = recorded(folder)
    rows = failed = 0
    for name in names:
        golden = read(name, folder)
        made = outcome(golden, "compiled", JAR)
        said = _PLAN.search(golden.document)
        computed = None if said is None else said[1].decode()
        if computed != pyspark.__version__ or not made.exact or made.arithmetic != "spark":
            failed += 1
            print(f"FAILED {name}: computed by Spark {computed}, {made.describe(golden)}")
        rows += golden.rows
    print(f"{len(names) - failed} of {len(names)} cases, {rows:,} rows, have the bits of Spark {pyspark.__version__}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
