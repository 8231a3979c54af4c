"""Spark's own `transform`, local and with one core: a frame in memory in, rows collected out.

Arguments: the version's folder, a folder with `rows.json`, and the column with the outputs. Answers the commands of the
other programs.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from pyspark.sql.types import StructType

from pillion.export.saved_pipeline import unpack_pipeline
from pillion.export.session import create_session


def main(home: str, folder: str, column: str) -> None:
    """Answers commands until standard input ends."""
    with tempfile.TemporaryDirectory(prefix="pillion-lab-") as scratch:
        session = create_session(cores="1", scratch=Path(scratch))
        try:
            _answer(session, home, folder, column)
        finally:
            session.stop()


def _answer(session: Any, home: str, folder: str, column: str) -> None:
    model, whole = unpack_pipeline(Path(home))
    columns = json.loads((Path(folder) / "rows.json").read_text())
    # A label is among the raw columns, and no input.
    schema = StructType([field for field in whole if field.name in columns])
    known = list(zip(*(columns[field.name] for field in schema), strict=True))
    frame: Any = None
    size = ""
    for line in sys.stdin:
        command, wanted, rest = line.rstrip("\n").split(" ", 2)
        if wanted != size:
            size = wanted
            rows = [known[i % len(known)] for i in range(int(size))]
            frame = session.createDataFrame(rows, schema).cache()
            frame.count()
        begin = time.perf_counter_ns()
        for _ in range(1 if command == "check" else int(rest)):
            found = model.transform(frame).select(column).collect()
        spent = time.perf_counter_ns() - begin
        if command == "check":
            values = [row[0].toArray() if hasattr(row[0], "toArray") else [row[0]] for row in found]
            np.array(values, dtype=np.float64).tofile(rest)
        print(0 if command == "check" else spent, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
