"""The values that travel through the data plane: a request, what is known of it, and its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, overload

Value = str | int | float | bool | None
"""A feature's value; None is missing, and NaN is a number like any other."""

Id = int | str
"""The id of a user or an item: a whole number from 0 to 2**63 - 1, or text."""

IdType = Literal["integer", "string"]
"""Of which of the two kinds the ids of all users are, or those of all items."""

FieldType = Literal["string", "integer", "float", "double", "boolean"]
"""The type of a model's field, as its manifest spells it."""

Origin = Literal["user", "item", "online"]
"""Where an input's value comes from: the user's features, the item's, or the request."""


class Source(StrEnum):
    """The rung of the degradation ladder that gave an answer."""

    ONLINE = "online"
    """The model, asked for this request."""
    BATCH = "batch"
    """This user's top items, computed ahead."""
    SEGMENT = "segment"
    """What is popular in the request's segment."""
    POPULAR = "popular"
    """What is popular with everybody."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where in its caller's trace a request stands: W3C Trace Context, which is passed on as it came.

    Attributes:
        parent: The header `traceparent`.
        state: The header `tracestate`; empty where there is none.
    """

    parent: str
    state: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One call for recommendations.

    Attributes:
        user_id: The user.
        k: How many items are wanted; None for the setting.
        candidates: Item ids to rank; None for the store's choice. Items the user has seen are left out of it.
        context: What the request says of itself, by name, as `pillion.toml` declares it; `timestamp`, in seconds since
            1970 UTC, is what hours and weekdays are derived from, and now where it is not given. None is missing.
        model: Name in the model repository; None for the setting.
        request_id: Travels to the sidecar and into the logs.
        deadline_ms: Milliseconds that the caller will wait; the setting, where that is less or this is None.
        trace: The trace that it belongs to; travels to the sidecar.
    """

    user_id: Id
    k: int | None = None
    candidates: Sequence[Id] | None = None
    context: Mapping[str, Value] = field(default_factory=dict)
    model: str | None = None
    request_id: str = ""
    deadline_ms: float | None = None
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the catalog; the title is None where the store has none."""

    item_id: Id
    title: str | None


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One item of an answer; the score is None where the rung has none, as a batch answer."""

    item: Item
    score: float | None


@dataclass(frozen=True, slots=True)
class Timings:
    """Where a request's time went, in milliseconds; a step that was not reached took 0."""

    fetch_ms: float = 0.0
    assemble_ms: float = 0.0
    score_ms: float = 0.0
    rank_ms: float = 0.0
    total_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An answer.

    Attributes:
        request_id: The request's.
        user_id: The request's.
        items: Best first; may be fewer than asked for, or none.
        source: The rung that gave them.
        reason: Why it is not an online answer about a known user, or why it is empty; else None. A stable
            code.
        model: Name of the model, where one gave the scores.
        version: Its version.
        engine: The engine that evaluated it.
        feature_age_s: Seconds since the features or lists used were published, or since the batch answer was computed;
            None where there are none.
        unknown_items: Candidates that the store does not know, and that were left out.
        seen_items: How many candidates were left out because the user has seen them.
        unscored_items: How many candidates the model gave no score.
        seen_share: The share of all items that a first phase looked at before its time was up; None where there was
            none.
        timings: Where the time went.
        deadline_left_ms: Milliseconds of the request's time that were left.
    """

    request_id: str
    user_id: Id
    items: tuple[ScoredItem, ...]
    source: Source
    reason: str | None
    model: str | None = None
    version: int | None = None
    engine: str | None = None
    feature_age_s: float | None = None
    unknown_items: tuple[Id, ...] = ()
    seen_items: int = 0
    unscored_items: int = 0
    seen_share: float | None = None
    timings: Timings = Timings()
    deadline_left_ms: float = 0.0


class Repeated(Sequence[Any]):
    """One value, `rows` times over: a context feature beside many candidates."""

    __slots__ = ("rows", "value")

    def __init__(self, value: Value, rows: int) -> None:
        self.value = value
        self.rows = rows

    def __len__(self) -> int:
        return self.rows

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Value]: ...
    def __getitem__(self, index: int | slice) -> Value | Sequence[Value]:
        if isinstance(index, slice):
            return Repeated(self.value, len(range(self.rows)[index]))
        if not -self.rows <= index < self.rows:
            raise IndexError(index)
        return self.value

    def __repr__(self) -> str:
        return f"Repeated({self.value!r}, {self.rows})"
