"""The one place where errors become HTTP answers: `{"error": {"code", "message", "field"}}`."""

import logging
from collections.abc import Collection
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from pillion.errors import InvalidInput, PillionError

_log = logging.getLogger("pillion.shim")
_CODES = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "timeout",
    413: "too_large",
}


_OWN = ("user_id", "k", "candidates", "context", "model")
"""The fields of a body."""


def problem_response(
    status: int, code: str, message: str, field: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """Returns an answer that says what is wrong."""
    body = orjson.dumps({"error": {"code": code, "message": message, "field": field}})
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def translate_errors(app: FastAPI, fields: Collection[str]) -> None:
    """Has every error that can leave a route answered in our form.

    Args:
        app: The application.
        fields: What the project file lets a request say of itself.
    """

    @app.exception_handler(PillionError)
    async def ours(request: Request, error: PillionError) -> Response:
        if isinstance(error, InvalidInput):
            return problem_response(400, error.code, str(error), error.field)
        _log.error("a request failed", exc_info=error)
        return problem_response(503, error.code, "the request cannot be answered now")

    @app.exception_handler(RequestValidationError)
    async def unfit(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        field = _field(first["loc"])
        if first["type"] == "extra_forbidden":
            known = {"query": ("k", "model", *fields), "body": _OWN, "body.context": fields}
            names = ", ".join(known[".".join(first["loc"][:-1])]) or "none"
            message = f"a request has no field '{field}'; known are {names}"
            return problem_response(400, InvalidInput.code, message, field)
        where = f"the field '{field}'" if field else "the body"
        return problem_response(400, InvalidInput.code, f"{where} is not as it must be: {first['msg']}", field)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        code = _CODES.get(error.status_code, "invalid_input" if error.status_code < 500 else "internal")
        headers = dict(error.headers) if error.headers else None
        return problem_response(error.status_code, code, str(error.detail), headers=headers)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        # This answer is made outside the middleware that gives every other one its id.
        headers = {"X-Request-Id": getattr(request.state, "request_id", "unknown")}
        return problem_response(500, "internal", "the shim failed unexpectedly; see its log", headers=headers)


def _field(location: tuple[Any, ...]) -> str | None:
    """`("body", "context", "hour")` → `context.hour`; None for the whole body."""
    names = [str(part) for part in location[1:] if isinstance(part, str)]
    return ".".join(names) or None
