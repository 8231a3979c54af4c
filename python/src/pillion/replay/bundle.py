"""The bundle of a difference: one zip file with all that reproduces it."""

import json
import zipfile
from pathlib import Path

from pillion.errors import ConfigurationError
from pillion.export.difference import FILE as DIFFERENCE
from pillion.replay.causes import Difference
from pillion.scoring.repository import MANIFEST, MODEL
from pillion.tabular.cells import to_json

ABOUT, REQUEST, ROW = "about.json", "requests-logged.jsonl", "row.jsonl"
_HOW = f"pillion score --model {MODEL} --input {ROW} --output scores.jsonl"


def write_bundle(found: Difference, folder: Path) -> Path:
    """Writes what reproduces a difference, and returns the file.

    It holds what is said of it, the logged request, the row, the version's document and manifest, and where a stage
    differs, `difference.json`.

    Args:
        found: The difference.
        folder: Where to; made where it is absent.

    Raises:
        ConfigurationError: It can't be written.
    """
    request = found.request
    about = {
        "cause": found.cause,
        "why": found.sentence,
        "model": found.model.name,
        "version": found.model.version,
        "feature_version": request.feature_version,
        "item": found.item,
        "logged": to_json(found.logged),
        "recomputed": to_json(found.recomputed),
        "file": request.file,
        "line": request.line,
        "reproduce": _HOW,
    }
    row = {name: to_json(value) for name, value in found.row.items()}
    path = folder / f"{found.cause}-{Path(request.file).stem}-{request.line}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr(ABOUT, json.dumps(about, indent=1, ensure_ascii=False) + "\n")
            bundle.writestr(REQUEST, request.to_bytes())
            bundle.writestr(ROW, json.dumps(row, ensure_ascii=False) + "\n")
            bundle.writestr(MODEL, found.model.document)
            bundle.writestr(MANIFEST, (found.model.folder / MANIFEST).read_bytes())
            if found.stage is not None:
                bundle.writestr(DIFFERENCE, found.stage.to_bytes())
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error
    return path
