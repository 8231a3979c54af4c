"""A run of batch inference: what it is to compute, and what it did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pillion.types import Value


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What a run is to compute.

    Attributes:
        model: Which model; None for the only one.
        online: The values that stand for the request's own.
        segment_fields: Those of them that make a segment, the most telling first.
        candidates: Items scored for each user, at most: those that a request has which names none.
        k: Items in an answer, at most.
        anew: Score every user, also those who have not changed since the last run.
        als: A saved ALSModel of Spark's whose products choose the candidates, as a request would not; None for none.
    """

    model: str | None
    online: Mapping[str, Value]
    segment_fields: Sequence[str]
    candidates: int
    k: int
    anew: bool = False
    als: Path | None = None


@dataclass(frozen=True, slots=True)
class BatchRun:
    """What a run did.

    Attributes:
        feature_version: Whose users.
        run: Its number.
        model: Which scored.
        model_version: Which version of it.
        users: Who have an answer now.
        without: Users that have none: nothing unseen is left, or no candidate has a score.
        carried: Users who have not changed since the last run, and were not scored.
        pairs: How many were scored.
        seconds: From the first bucket to the last.
        executors: Of Spark that did it, each a process.
        verdict: What the planner says of the workload: `batch` or `online`.
        sentence: The same, with the constraint that decides.
    """

    feature_version: int
    run: int
    model: str
    model_version: int
    users: int
    without: int
    carried: int
    pairs: int
    seconds: float
    executors: int
    verdict: str
    sentence: str
