"""The operator's routes: how the data plane is, and forcing a breaker."""

import hmac
from typing import Annotated, Any, Literal

import orjson
from fastapi import FastAPI, Header
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from pillion.config import ShimSettings
from pillion.recommend import Recommender
from pillion.shim.bodies import ErrorBody, breaker_json
from pillion.shim.peers import Peers
from pillion.shim.problems import problem_response

_ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorBody, "description": "The token is not the administrator's."},
    403: {"model": ErrorBody, "description": "The shim has no administrator's token, so nobody may do this."},
    404: {"model": ErrorBody, "description": "There is no such breaker."},
}


class BreakerBody(BaseModel):
    """What a breaker is to do."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"mode": "open"}]})

    mode: Literal["open", "closed", "auto"] = Field(
        description="open: refuse every call. closed: let every call pass, whatever happens. auto: by its own rules."
    )


def add_operations(app: FastAPI, recommender: Recommender, settings: ShimSettings, peers: Peers) -> None:
    """Adds `GET /v1/status` and `POST /v1/breakers/{name}` to an application."""

    @app.get("/v1/status", response_class=Response)
    async def show_status() -> Response:
        """Shows breakers, versions, and the snapshot's age."""
        return _json(peers.status())

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
        peers.force(name, body.mode)
        return _json({"name": name, **breaker_json(breaker.snapshot())})


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
