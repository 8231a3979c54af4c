"""A scratch version: a case's document put into a model repository of one's own, so that a sidecar can serve it.

It passes no gate and is cleared for nothing; `pillion.export.publish` is for what is to be served.
"""

import hashlib
import json
from pathlib import Path

from pillion.parity.case import Case
from pillion.parity.recorded_rows import write_rows

_ROWS = 20


def write_scratch_version(folder: Path, case: Case) -> None:
    """Writes `folder/<model>/1` with a short verification set of the case's first real rows.

    Args:
        folder: the model repository.
        case: the model and its rows.
    """
    home = folder / case.model / "1"
    home.mkdir(parents=True)
    shown = case.select(min(_ROWS, case.real), edges=False)
    files = {"model.pmml": case.document, "verification.jsonl": write_rows(shown.columns, shown.expected)}
    for name, content in files.items():
        (home / name).write_bytes(content)
    manifest = {
        "format": 1,
        "model": case.model,
        "version": 1,
        "files": {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()},
        "contract": {"inputs": case.contract["inputs"]},
        "outputs": [output for output in case.contract["outputs"] if output["name"] in case.outputs],
        "engine": "auto",
    }
    (home / "manifest.json").write_text(json.dumps(manifest))
