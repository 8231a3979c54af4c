"""What every request passes, in plain ASGI: an id, a cap on its body, a count, a line in the log."""

import asyncio
import logging
import re
import time
from collections.abc import Iterable
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pillion.shim.metrics import RequestMetrics
from pillion.shim.problems import problem_response
from pillion.shim.traces import read_trace, trace_id

_log = logging.getLogger("pillion.shim.access")
_REQUEST_ID = b"x-request-id"
_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._:/-]{1,128}")
_LAST = (b"connection", b"close")
_CLOSE = {"Connection": "close"}


class AccessLogMiddleware:
    """Gives each request an id, or takes over its caller's, and counts, times and logs its answer.

    While the shim drains (`app.state.draining`) each answer is the last one of its connection, and says so.

    Args:
        app: The application.
        metrics: Where to count.
        log_requests: Whether each request gets a line in the log.
    """

    def __init__(self, app: ASGIApp, metrics: RequestMetrics, log_requests: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._log_requests = log_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one ASGI connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _id_of(scope["headers"])
        trace = read_trace(scope["headers"])
        ids = {"request_id": request_id} if trace is None else {"request_id": request_id, "trace_id": trace_id(trace)}
        scope.setdefault("state", {}).update(request_id=request_id, trace=trace)
        started = time.perf_counter()
        status = 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (_REQUEST_ID, request_id.encode())]
                if scope["app"].state.draining:
                    message["headers"].append(_LAST)
            await send(message)

        with structlog.contextvars.bound_contextvars(**ids):
            try:
                await self._app(scope, receive, sent)
            finally:
                seconds = time.perf_counter() - started
                route = getattr(scope.get("route"), "path_format", "unknown")
                self._metrics.count_request(route, scope["method"], status, seconds)
                if self._log_requests:
                    fields = {"method": scope["method"], "path": scope["path"], "status": status}
                    _log.info("request", extra={**fields, "ms": round(seconds * 1000, 3)})


class BodyLimit:
    """Reads a request's body, counting, before the application sees the request.

    Args:
        app: The application.
        max_bytes: Longest body.
        timeout_s: Time that a body may take to arrive.
    """

    def __init__(self, app: ASGIApp, max_bytes: int, timeout_s: float) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._timeout_s = timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one ASGI connection."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        try:
            async with asyncio.timeout(self._timeout_s):
                more = _declared_length(scope) <= self._max_bytes
                too_long = not more
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    body += message.get("body", b"")
                    too_long = len(body) > self._max_bytes
                    more = message.get("more_body", False) and not too_long
        except TimeoutError:
            late = problem_response(408, "timeout", "the body took too long to arrive", headers=_CLOSE)
            await late(scope, receive, send)
            return
        if too_long:
            sentence = f"the body is longer than {self._max_bytes} bytes"
            await problem_response(413, "too_large", sentence, headers=_CLOSE)(scope, receive, send)
            return
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if replayed:
                return await receive()
            replayed = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, replay, send)


def _id_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Returns a request's id: the one in its headers, or a new one where there is none or it is none that we take."""
    for name, value in headers:
        if name == _REQUEST_ID:
            text = value.decode("latin-1")
            return text if _ACCEPTED_ID.fullmatch(text) else uuid4().hex
    return uuid4().hex


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
