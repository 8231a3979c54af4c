"""The project file on disk: which one is meant, and its text read into a value."""

import os
import tomllib
from pathlib import Path

from pydantic import ValidationError

from pillion.errors import ConfigurationError
from pillion.project.complaints import explain, line_of
from pillion.project.project import FILE, Project
from pillion.project.tables import FeatureFiles

VARIABLE = "PILLION_CONFIG"
"""The environment variable that names the project file."""


def find_project(file: Path | None = None, models: Path | None = None) -> Project:
    """Reads the project file, or returns an empty project where there is none.

    Args:
        file: Where it is; else `PILLION_CONFIG` says so, else it is `pillion.toml` in the working directory, else
            in the model repository.
        models: The model repository.

    Raises:
        ConfigurationError: It cannot be read, or something in it is wrong; names file, line and key.
    """
    named = file or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is not None:
        return read_project(named)
    folders = [Path(), *([] if models is None else [models])]
    return next((read_project(path) for folder in folders if (path := folder / FILE).is_file()), Project())


def read_project(file: Path) -> Project:
    """Reads a project file.

    Raises:
        ConfigurationError: It cannot be read, or something in it is wrong; names file, line and key.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file} is not UTF-8 text") from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file} is not TOML: {error}") from error
    if "file" in raw:
        raise ConfigurationError(f"{file}, line {line_of(text, ('file',))}: there is no key 'file'")
    try:
        project = Project.model_validate(raw)
    except ValidationError as error:
        raise ConfigurationError("; ".join(explain(file, text, raw, error))) from error
    paths = {name: file.parent / path for name, path in project.features.model_dump(exclude_none=True).items()}
    return project.model_copy(update={"file": file, "features": FeatureFiles(**paths)})
