"""Live parity: how many of the served requests `pillion replay` has computed again, and what it found.

It is a file beside the log, `parity.json`: by file of the log what its last replay found, so that a file that is
replayed again counts once, and what files that are gone had is kept as a sum.
"""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

FORMAT = 1
FILE = "parity.json"
CAUSES = ("value", "freshness", "transform", "model")
"""What a request that came out otherwise is put down to."""
_FILES = 1000
"""Files of a log that are kept apart, at most; of older ones the sum is."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found of some logged requests.

    Attributes:
        served: Answers of models in the time that was logged, whether logged or not.
        checked: Requests that were computed again.
        differing: Those that came out otherwise, by what they are put down to.
        unchecked: Requests that could not be computed again, since their features or their model are gone.
    """

    served: int = 0
    checked: int = 0
    differing: Mapping[str, int] = field(default_factory=dict)
    unchecked: int = 0

    def __add__(self, other: "Replayed") -> "Replayed":
        """Returns what was found of both."""
        return Replayed(
            self.served + other.served,
            self.checked + other.checked,
            dict(Counter(self.differing) + Counter(other.differing)),
            self.unchecked + other.unchecked,
        )


@dataclass(frozen=True, slots=True)
class LiveParity:
    """What all replays of a log found.

    Attributes:
        at: When the last one ended, seconds since 1970 UTC.
        by: What computed the requests again: `spark` or `engine`.
        found: The sum of all files.
    """

    at: float
    by: str
    found: Replayed

    @property
    def share(self) -> float:
        """Which share of the served requests was computed again, 0 to 1."""
        return self.found.checked / self.found.served if self.found.served else 0.0


def note_replay(folder: Path, by: str, files: Mapping[str, Replayed], at: float | None = None) -> LiveParity:
    """Notes what a replay found beside the log, all of it or nothing, and returns what all found.

    Args:
        folder: The log's.
        by: What computed the requests again.
        files: What was found, by file of the log.
        at: When, seconds since 1970 UTC; now where None.

    Raises:
        OSError: It can't be written.
    """
    before = _load(folder / FILE)
    known, earlier = ({}, Replayed()) if before is None else _found(before)
    kept = dict(sorted({**known, **files}.items()))
    for name in list(kept)[:-_FILES]:
        earlier += kept.pop(name)
    at = time.time() if at is None else at
    raw = {
        "format": FORMAT, "at": at, "by": by, "earlier": asdict(earlier),
        "files": {name: asdict(found) for name, found in kept.items()},
    }  # fmt: skip
    handle, draft = tempfile.mkstemp(dir=folder, prefix=f".{FILE}.")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, 0o644)  # the service may run as another user
            file.write(orjson.dumps(raw))
        os.replace(draft, folder / FILE)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    return LiveParity(at, by, sum(kept.values(), earlier))


def read_live_parity(folder: Path) -> LiveParity | None:
    """Returns what all replays of a log found; None where there was none, or its file is none of this form."""
    raw = _load(folder / FILE)
    if raw is None:
        return None
    files, earlier = _found(raw)
    return LiveParity(float(raw["at"]), str(raw["by"]), sum(files.values(), earlier))


def _load(path: Path) -> dict[str, Any] | None:
    try:
        raw = orjson.loads(path.read_bytes())
        if raw["format"] != FORMAT:
            return None
        _found(raw)
        float(raw["at"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return dict(raw)


def _found(raw: Mapping[str, Any]) -> tuple[dict[str, Replayed], Replayed]:
    """What is known by file, and of files that are gone."""
    return {name: Replayed(**found) for name, found in raw["files"].items()}, Replayed(**raw["earlier"])
