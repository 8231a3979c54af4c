"""The demo's project file, which goes beside its models."""

import os
from importlib.resources import files
from pathlib import Path

from pillion.project import FILE


def write_project(models: Path, archive: Path) -> Path:
    """Writes the project file into a model repository.

    Args:
        models: The repository.
        archive: What the online store is filled with.
    """
    text = files("pillion.demo").joinpath(FILE).read_text(encoding="utf-8")
    relative = Path(os.path.relpath(archive.resolve(), models.resolve())).as_posix()
    models.mkdir(parents=True, exist_ok=True)
    path = models / FILE
    path.write_text(f'{text}\n[features]\narchive = "{relative}"\n', encoding="utf-8")
    return path
