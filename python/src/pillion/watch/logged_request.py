"""The logged request: what a model was asked and answered, one JSON object a line.

What all candidates share is in it as the model got it. Of the candidates their ids are, since what they are is the
store's, by the feature version; the features of those that the version's table lacks are in it as well. Doubles are in
the shortest form that reads back to the same bits, NaN and infinities are text. Users are a hash.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from pillion.errors import ConfigurationError, InvalidInput
from pillion.scoring.cells import NON_FINITE
from pillion.tabular.cells import to_json
from pillion.types import Id, Value

FORMAT = 1
PATTERN = "requests-*.jsonl"
"""What the files of a log are called."""


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request that a model has answered.

    Attributes:
        served: The number of the answer among all that its worker has got from models, from 1.
        at: When it was answered, seconds since 1970 UTC.
        user: The user's hash, in hexadecimal digits.
        model: The model's name.
        version: Its version.
        engine: Its engine.
        feature_version: Of the features.
        k: How many items were wanted.
        context: The inputs that all candidates share, as the model got them; None is missing.
        candidates: The items that could be in the answer, in the order in which they were scored.
        items: The answer, best first.
        scores: Of each item of the answer.
        sent: Features of candidates that the feature version's table lacks, by item.
        file: Where it was read from; empty before it is written.
        line: Its line there, from 1.
    """

    served: int
    at: float
    user: str
    model: str
    version: int
    engine: str
    feature_version: int
    k: int
    context: Mapping[str, Value]
    candidates: tuple[Id, ...]
    items: tuple[Id, ...]
    scores: tuple[float, ...]
    sent: Mapping[Id, Mapping[str, Value]] = field(default_factory=dict)
    file: str = ""
    line: int = 0

    def to_bytes(self) -> bytes:
        """Returns its line, with the line feed; TypeError where a text is not Unicode."""
        record: dict[str, Any] = {
            "format": FORMAT,
            "served": self.served,
            "at": self.at,
            "user": self.user,
            "model": self.model,
            "version": self.version,
            "engine": self.engine,
            "feature_version": self.feature_version,
            "k": self.k,
            "context": {name: to_json(value) for name, value in self.context.items()},
            "candidates": self.candidates,
            "items": self.items,
            "scores": [to_json(score) for score in self.scores],
        }
        if self.sent:
            record["sent"] = [
                [item, {name: to_json(value) for name, value in features.items()}]
                for item, features in self.sent.items()
            ]
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def hash_user(user_id: Id, key: bytes) -> bytes:
    """Returns the 16 bytes that stand for a user in a log: BLAKE2b with a key, so that nobody without it can guess."""
    return hashlib.blake2b(str(user_id).encode("utf-8", "surrogatepass"), digest_size=16, key=key[:64]).digest()


def log_files(log: Path) -> list[Path]:
    """Returns the files of a log, the oldest first: the file itself, or those of a folder.

    Raises:
        ConfigurationError: There is none.
    """
    if log.is_file():
        return [log]
    found = sorted(log.glob(PATTERN)) if log.is_dir() else []
    if not found:
        raise ConfigurationError(f"{log} is no log of requests: a file {PATTERN}, or a folder with some, is expected")
    return found


def read_log(path: Path) -> Iterator[LoggedRequest]:
    """Yields the requests of one file. A last line that its writer had no time to finish is left out.

    Raises:
        ConfigurationError: The file can't be read.
        InvalidInput: A line is no logged request; names file, line and field.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.endswith(b"\n"):
                    yield _read(line, path, number)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error


def _read(line: bytes, path: Path, number: int) -> LoggedRequest:
    where = f"{path}, line {number}"
    try:
        raw = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{where}: not JSON: {error}") from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else None
        raise InvalidInput(f"{where}: it has format {found!r}, but only {FORMAT} is known")
    for name, kind in _FIELDS.items():
        value = raw.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InvalidInput(f"{where}, field '{name}': {value!r} is not of the form of a logged request", name)
    for name in ("candidates", "items"):
        if not all(isinstance(item, int | str) and not isinstance(item, bool) for item in raw[name]):
            raise InvalidInput(f"{where}, field '{name}': it holds something that is no id", name)
    try:
        scores = tuple(float(NON_FINITE[score] if isinstance(score, str) else score) for score in raw["scores"])
        sent = {item: dict(features) for item, features in raw.get("sent", ())}
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{where}: its scores, or what was sent of items, cannot be read: {error}") from error
    if len(scores) != len(raw["items"]):
        raise InvalidInput(f"{where}: it has {len(scores)} scores for {len(raw['items'])} items", "scores")
    return LoggedRequest(
        **{name: raw[name] for name in _FIELDS if name not in ("candidates", "items", "scores")},
        candidates=tuple(raw["candidates"]),
        items=tuple(raw["items"]),
        scores=scores,
        sent=sent,
        file=path.name,
        line=number,
    )


_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "served": int,
    "at": (int, float),
    "user": str,
    "model": str,
    "version": int,
    "engine": str,
    "feature_version": int,
    "k": int,
    "context": dict,
    "candidates": list,
    "items": list,
    "scores": list,
}
