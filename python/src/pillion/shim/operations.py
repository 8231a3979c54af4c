"""The operator's routes: how the data plane is, and forcing a breaker."""

import hmac
from collections.abc import Callable
from typing import Annotated, Any, Literal

import orjson
from fastapi import FastAPI, Header
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from pillion.config import ShimSettings
from pillion.recommend import Recommender, Status
from pillion.resilience import Breaker
from pillion.shim.bodies import ErrorBody, breaker_json
from pillion.shim.problems import problem_response

_ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorBody, "description": "The token is not the administrator's."},
    403: {"model": ErrorBody, "description": "The shim has no administrator's token, so nobody may do this."},
    404: {"model": ErrorBody, "description": "There is no such breaker."},
}
_FORCE: dict[str, Callable[[Breaker], None]] = {
    "open": Breaker.force_open,
    "closed": Breaker.metrics_only,
    "auto": Breaker.reset,
}


class BreakerBody(BaseModel):
    """What a breaker is to do."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"mode": "open"}]})

    mode: Literal["open", "closed", "auto"] = Field(
        description="open: refuse every call. closed: let every call pass, whatever happens. auto: by its own rules."
    )


def add_operations(app: FastAPI, recommender: Recommender, settings: ShimSettings) -> None:
    """Adds `GET /v1/status` and `POST /v1/breakers/{name}` to an application."""

    @app.get("/v1/status", response_class=Response)
    async def show_status() -> Response:
        """Shows breakers, versions, and the snapshot's age."""
        return _json(status_json(recommender.status()))

    @app.post("/v1/breakers/{name}", response_class=Response, responses=_ANSWERS)
    async def force_breaker(
        name: str,
        body: BreakerBody,
        authorization: Annotated[str | None, Header(description="`Bearer` and the administrator's token.")] = None,
    ) -> Response:
        """Forces a breaker open or closed, or leaves it to its own rules again."""
        if settings.admin_token is None:
            sentence = "breakers cannot be forced: the shim was started without PILLION_SHIM_ADMIN_TOKEN"
            return problem_response(403, "forbidden", sentence)
        expected = f"Bearer {settings.admin_token.get_secret_value()}"
        if not hmac.compare_digest((authorization or "").encode(), expected.encode()):
            sentence = "the header 'Authorization' does not carry the administrator's token"
            return problem_response(401, "unauthorized", sentence, headers={"WWW-Authenticate": "Bearer"})
        breaker = recommender.breakers.get(name)
        if breaker is None:
            known = ", ".join(recommender.breakers)
            return problem_response(404, "not_found", f"there is no breaker '{name}', only {known}", "name")
        _FORCE[body.mode](breaker)
        return _json({"name": name, **breaker_json(breaker.snapshot())})


def status_json(status: Status) -> dict[str, Any]:
    """Returns what `/v1/status` says."""
    limit, admitted, refused = status.admission
    return {
        "snapshot": {
            "version": status.snapshot_version,
            "age_s": status.snapshot_age_s,
            "refreshing": "failed" if status.snapshot_problem else "ok",
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


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
