"""What is wrong with a project file, said of each key with the line where it stands.

`tomllib` gives no lines, so that of a key is found by reading the first line, the first two, and so on, until it is
there; this is done only where something is wrong.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from pillion.project.inputs import Input
from pillion.project.part import Wrong
from pillion.project.project import Project, Ranking
from pillion.project.serving import Serving
from pillion.project.tables import EventTable, FeatureFiles, ItemTable, UserTable


def explain(file: Path, text: str, raw: Mapping[str, Any], error: ValidationError) -> Iterator[str]:
    """Says of each wrong key where it stands and what is wrong with it."""
    told: set[str] = set()
    for one in error.errors(include_url=False):
        cause = one.get("ctx", {}).get("error")
        location = (*one["loc"], cause.key) if isinstance(cause, Wrong) else one["loc"]
        path = _path_in(raw, location)
        key = ".".join(map(str, path)) or "the whole file"
        if key in told:  # a union says so once for each of its parts
            continue
        told.add(key)
        wanted = next(iter(map(str, location[len(path) :])), "")
        message = one["msg"].removeprefix("Value error, ")
        if one["type"] == "missing":
            message = f"the key '{wanted}' is missing"
        elif one["type"] == "extra_forbidden":
            message = f"there is no such key{_nearest(path)}"
        where = f"line {line}, " if (line := line_of(text, path)) else ""
        yield f"{file}, {where}'{key}': {message[:1].lower()}{message[1:]}"


def _path_in(raw: Any, location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The part of an error's location that is in the file; the rest names a type, or what is missing."""
    path: list[int | str] = []
    for part in location:
        try:
            raw = raw[part]
        except (KeyError, IndexError, TypeError):
            break
        path.append(part)
    return tuple(path)


def line_of(text: str, path: tuple[int | str, ...]) -> int | None:
    """The line after which a key is there: the first so many lines that, read alone, have it."""
    if not path:
        return None
    lines = text.splitlines(keepends=True)
    for count in range(1, len(lines) + 1):
        try:
            raw = tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue  # within a value of several lines
        if len(_path_in(raw, path)) == len(path):
            return count
    return None


def _nearest(path: tuple[int | str, ...]) -> str:
    parts: dict[str, type[BaseModel]] = {
        "": Project, "ranking": Ranking, "users": UserTable, "items": ItemTable, "events": EventTable,
        "features": FeatureFiles, "inputs": Input, "models": Serving,
    }  # fmt: skip
    part = parts.get(str(path[0]) if len(path) > 1 else "", Project)
    return f"; known are {', '.join(name for name in part.model_fields if name != 'file')}"
