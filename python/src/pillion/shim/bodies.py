"""The JSON that the shim gives."""

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pillion.recommend import Status
from pillion.resilience import BreakerSnapshot
from pillion.types import Recommendation
from pillion.watch import WatchStatus

_EXAMPLE_ANSWER: dict[str, Any] = {
    "request_id": "5f0c1d6e9d1b4c0f8f3f6f2f1d1f0a11",
    "user_id": 42,
    "items": [{"item_id": 318, "title": "The title of item 318", "score": 0.8731}],
    "source": "online",
    "reason": None,
    "model": "late",
    "version": 1,
    "engine": "compiled",
    "feature_age_s": 312.5,
    "unknown_items": [],
    "seen_items": 1,
    "unscored_items": 0,
    "seen_share": None,
    "timings_ms": {"fetch": 0.9, "assemble": 0.6, "score": 2.8, "rank": 0.1, "total": 4.7},
}


class ItemBody(BaseModel):
    """One item of an answer."""

    item_id: int | str
    title: str | None
    score: float | None = Field(description="None where the source has none, as a batch answer.")


class AnswerBody(BaseModel):
    """An answer, best item first, with where it came from and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE_ANSWER]})

    request_id: str
    user_id: int | str
    items: list[ItemBody]
    source: str = Field(description="online, batch, segment or popular.")
    reason: str | None = Field(description="Why it is not an online answer about a known user, or is empty.")
    model: str | None
    version: int | None
    engine: str | None
    feature_age_s: float | None = Field(
        description="Seconds since the features or lists used were published; of a batch answer, since it was computed."
    )
    unknown_items: list[int | str] = Field(description="Candidates that the store does not know.")
    seen_items: int = Field(description="How many candidates were left out because the user has seen them.")
    unscored_items: int = Field(description="How many candidates the model gave no score.")
    seen_share: float | None = Field(
        description="The share of all items that the first phase looked at in its time; None where there was none."
    )
    timings_ms: dict[str, float]


class Problem(BaseModel):
    """What is wrong with a request."""

    code: str = Field(examples=["invalid_input"])
    message: str = Field(examples=["the field 'k' must be a whole number from 1 to 1000, not 0"])
    field: str | None = Field(examples=["k"])


class ErrorBody(BaseModel):
    """The body of every answer with a status of 400 or more."""

    error: Problem


def answer_json(answer: Recommendation) -> dict[str, Any]:
    """Returns an answer in the form of `AnswerBody`."""
    timings = answer.timings
    return {
        "request_id": answer.request_id,
        "user_id": answer.user_id,
        "items": [
            {"item_id": scored.item.item_id, "title": scored.item.title, "score": scored.score}
            for scored in answer.items
        ],
        "source": answer.source.value,
        "reason": answer.reason,
        "model": answer.model,
        "version": answer.version,
        "engine": answer.engine,
        "feature_age_s": answer.feature_age_s,
        "unknown_items": list(answer.unknown_items),
        "seen_items": answer.seen_items,
        "unscored_items": answer.unscored_items,
        "seen_share": answer.seen_share,
        "timings_ms": {
            "fetch": timings.fetch_ms,
            "assemble": timings.assemble_ms,
            "score": timings.score_ms,
            "rank": timings.rank_ms,
            "total": timings.total_ms,
        },
    }


def breaker_json(breaker: BreakerSnapshot) -> dict[str, Any]:
    """Returns what `/v1/status` says of a breaker."""
    return {
        "state": breaker.state.value,
        "calls_in_window": breaker.window.calls,
        "failures_in_window": breaker.window.failures,
        "slow_in_window": breaker.window.slow,
        "consecutive_failures": breaker.consecutive_failures,
        "retry_after_s": breaker.retry_after_s,
        "succeeded": breaker.succeeded,
        "failed": breaker.failed,
        "refused": breaker.refused,
    }


def status_json(status: Status) -> dict[str, Any]:
    """Returns what `/v1/status` says of a worker."""
    limit, admitted, refused = status.admission
    return {
        "snapshot": {
            "version": status.snapshot_version,
            "age_s": status.snapshot_age_s,
            "refreshing": "failed" if status.snapshot_problem else "ok",
        },
        "batch": None
        if status.batch is None
        else {
            "run": status.batch.run,
            "model": status.batch.model,
            "version": status.batch.version,
            "age_s": status.batch_age_s,
        },
        "models": status.models,
        "breakers": {
            breaker.name: {
                **breaker_json(breaker),
                "in_flight": status.in_flight[breaker.name],
                "busy": status.busy[breaker.name],
            }
            for breaker in status.breakers
        },
        "retries": {"made": status.retries, "tokens": status.retry_tokens},
        "admission": {"limit": limit, "in_flight": admitted, "refused": refused},
        "fallback_checks": {"done": status.fallback_checks, "failed": status.failed_fallback_checks},
    }


def watch_json(status: WatchStatus) -> dict[str, Any]:
    """Returns what `/v1/status` says of what a worker watches, with dataclasses that orjson writes as objects."""
    parity = status.parity
    return {
        "features": status.features,
        "log": status.log,
        "parity": None
        if parity is None
        else {"at": parity.at, "by": parity.by, "share": parity.share, **asdict(parity.found)},
    }
