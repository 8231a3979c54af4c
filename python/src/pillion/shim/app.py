"""The shim's routes."""

import pathlib
from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Header, Path, Query, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from pillion import __version__
from pillion.config import ShimSettings
from pillion.recommend import Recommender
from pillion.shim.bodies import AnswerBody, ErrorBody, answer_json
from pillion.shim.metrics import RequestMetrics
from pillion.shim.middleware import AccessLogMiddleware, BodyLimit
from pillion.shim.operations import add_operations
from pillion.shim.peers import Peers
from pillion.shim.problems import translate_errors
from pillion.shim.request_models import AnyBody, AnyQuery, make_models
from pillion.types import Id
from pillion.types import Request as Asked

_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": AnswerBody, "description": "The answer; also where it came from a fallback, or is empty."},
    400: {"model": ErrorBody, "description": "A field is not as it must be."},
    413: {"model": ErrorBody, "description": "The body is too long."},
}
_DEADLINE = Header(alias="X-Deadline-Ms", description="Milliseconds that the caller will wait.", gt=0)
Deadline = Annotated[float | None, _DEADLINE]


def create_app(
    recommender: Recommender,
    settings: ShimSettings | None = None,
    log_requests: bool = False,
    folder: pathlib.Path | None = None,
) -> FastAPI:
    """Returns the application over a recommender that somebody else starts and closes.

    Args:
        recommender: The data plane.
        settings: Limits.
        log_requests: Whether each request gets a line in the log.
        folder: Where the workers of one shim meet; None for a shim of one process.
    """
    settings = settings or ShimSettings()
    app = FastAPI(
        title="Pillion shim",
        version=__version__,
        summary="Recommendations that always come, and say where from.",
    )
    app.state.draining = False
    metrics = RequestMetrics(recommender)
    app.state.peers = peers = Peers(recommender, metrics, folder)
    translate_errors(app, recommender.online.fields)

    async def answer(asked: Asked) -> Response:
        found = await recommender.recommend(asked)
        metrics.count_answer(found)
        return _json(answer_json(found))

    async def get_recommendations(
        request: Request, user_id: Id, query: AnyQuery, deadline_ms: Deadline = None
    ) -> Response:
        """Recommends items to a user."""
        state = request.state
        return await answer(query.to_request(user_id, state.request_id, deadline_ms, state.trace))

    async def post_recommendations(request: Request, body: AnyBody, deadline_ms: Deadline = None) -> Response:
        """Recommends items to a user, of given candidates where there are any."""
        return await answer(body.to_request(request.state.request_id, deadline_ms, request.state.trace))

    limits = recommender.settings
    models = make_models(recommender.project, recommender.online, limits.max_k, limits.max_candidates)
    user_id = Annotated[models.user_id, Path(examples=[models.user_example])]  # type: ignore[name-defined]
    # The types are made of the project file, so the framework gets them here, and no type checker sees them.
    get_recommendations.__annotations__.update(user_id=user_id, query=Annotated[models.query, Query()])
    post_recommendations.__annotations__.update(body=models.body)
    # A path, since an id that is text may have a slash, which arrives decoded.
    app.get("/v1/recommendations/{user_id:path}", responses=_ANSWERS, response_class=Response)(get_recommendations)
    app.post("/v1/recommendations", responses=_ANSWERS, response_class=Response)(post_recommendations)

    @app.get("/healthz", response_class=Response)
    async def live() -> Response:
        """Says that the shim runs."""
        return _json({"live": True})

    @app.get("/readyz", response_class=Response)
    async def ready() -> Response:
        """Says whether every request can be answered with items: 200, or 503 until there is a snapshot."""
        problems = await recommender.ping()
        dependencies = {name: "up" if problem is None else "down" for name, problem in problems.items()}
        body = {
            "ready": recommender.ready,
            "snapshot": recommender.status().snapshot_version,
            "dependencies": dependencies,
        }
        return _json(body, 200 if recommender.ready else 503)

    @app.get("/metrics", response_class=Response)
    async def show_metrics() -> Response:
        """Shows the metrics in Prometheus' text form."""
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    add_operations(app, recommender, settings, peers)
    # The last one that is added comes first.
    app.add_middleware(BodyLimit, max_bytes=settings.max_body_bytes, timeout_s=settings.body_timeout_s)
    app.add_middleware(AccessLogMiddleware, metrics=metrics, log_requests=log_requests)
    return app


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(body), status_code=status, media_type="application/json")
