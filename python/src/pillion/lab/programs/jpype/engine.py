"""Pillion's engine called from Python: a packed batch in, packed outputs out.

Arguments: the document, a folder with packed batches (`ROWS.batch`), the sidecar's jar, and the outputs. Answers the
commands of the other programs.
"""

import sys
import time
from pathlib import Path

import jpype
import numpy as np

from pillion.scoring.batch_codec import decode
from pillion.scoring.jvm import start_jvm


def main(document: str, folder: str, jar: str, *outputs: str) -> None:
    """Answers commands until standard input ends."""
    start_jvm(Path(jar))
    model = jpype.JClass("org.pillion.scoring.InProcess").open(Path(document).read_bytes(), "auto")
    for line in sys.stdin:
        command, size, rest = line.rstrip("\n").split(" ", 2)
        batch = (Path(folder) / f"{size}.batch").read_bytes()
        if command == "check":
            scores = decode(bytes(model.score(batch)))
            np.column_stack([np.array(scores.columns[name], dtype=np.float64) for name in outputs]).tofile(rest)
            print(0, flush=True)
            continue
        begin = time.perf_counter_ns()
        for _ in range(int(rest)):
            model.score(batch)
        print(time.perf_counter_ns() - begin, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
