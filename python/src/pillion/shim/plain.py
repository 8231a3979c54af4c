"""The shortest way to an answer: a GET in its plain form, past FastAPI.

FastAPI takes longer to read a request than the data plane takes to answer it from memory, and at several times the
load that store and sidecar can bear it is this cost that decides how many answers still come from the model. What is
not plain, or wrong in any way, goes on to FastAPI, which answers the same.
"""

import re
from functools import lru_cache
from typing import NamedTuple

import orjson
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from pillion.errors import InvalidInput
from pillion.recommend import Recommender
from pillion.shim.bodies import answer_json
from pillion.shim.metrics import Metrics
from pillion.types import Context, Recommendation, Request

Header = tuple[bytes, bytes]
_PREFIX = "/v1/recommendations/"
_DEADLINE = b"x-deadline-ms"
_USER = re.compile(r"[0-9]{1,18}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_MILLISECONDS = re.compile(rb"[0-9]{1,9}(\.[0-9]{1,9})?")
_NUMBERS = frozenset(("k", "hour", "weekday"))
_WORDS = frozenset(("device", "country", "referrer", "model"))


class PlainGets:
    """Answers `GET /v1/recommendations/{user_id}` where nothing in it needs a second look.

    Args:
        app: The application, for everything else.
        recommender: The data plane.
        metrics: Where to count answers.
        route: The application's own route for it, whose path names it in metrics.
    """

    def __init__(self, app: ASGIApp, recommender: Recommender, metrics: Metrics, route: BaseRoute) -> None:
        self._app = app
        self._recommender = recommender
        self._metrics = metrics
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one ASGI connection."""
        request = read_plain(scope)
        if request is None:
            await self._app(scope, receive, send)
            return
        try:
            found = await self._recommender.recommend(request)
        except InvalidInput:
            await self._app(scope, receive, send)  # it was not counted yet, and is refused there in words
            return
        scope["route"] = self._route
        self._metrics.count_answer(found)
        headers, body = write_plain(found)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def read_plain(scope: Scope) -> Request | None:
    """Returns what a plain GET asks for; None where it is another request, or needs a closer look."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope.get("root_path"):
        return None
    path: str = scope["path"]
    if not path.startswith(_PREFIX) or not _USER.fullmatch(path, len(_PREFIX)):
        return None
    asked = _read_query(scope["query_string"])
    if asked is None:
        return None
    deadline_ms: float | None = None
    for name, value in scope["headers"]:
        if name == _DEADLINE:
            if deadline_ms is not None or not _MILLISECONDS.fullmatch(value) or not float(value):
                return None
            deadline_ms = float(value)
    user_id = int(path[len(_PREFIX) :])
    state = scope["state"]
    return Request(
        user_id,
        asked.k,
        None,
        asked.context,
        asked.model,
        state["request_id"],
        deadline_ms,
        state.get("trace"),
        state.get("waited_ms", 0.0),
    )


def write_plain(answer: Recommendation) -> tuple[list[Header], bytes]:
    """Returns the headers and the body of an answer, whose status is 200."""
    body = orjson.dumps(answer_json(answer))
    return [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")], body


class _Asked(NamedTuple):
    k: int | None
    context: Context
    model: str | None


@lru_cache(maxsize=4096)  # callers ask for other users, but in few ways
def _read_query(query: bytes) -> _Asked | None:
    """Returns what a plain query says; None where it is another."""
    numbers: dict[str, int] = {}
    words: dict[str, str] = {}
    if not query.isascii():
        return None
    for pair in query.decode("ascii").split("&") if query else ():
        name, _, value = pair.partition("=")
        if name in numbers or name in words:
            return None
        if name in _NUMBERS and _NUMBER.fullmatch(value):
            numbers[name] = int(value)
        elif name in _WORDS and _WORD.fullmatch(value):
            words[name] = value
        else:
            return None
    context = Context(
        words.get("device"), words.get("country"), words.get("referrer"), numbers.get("hour"), numbers.get("weekday")
    )
    return _Asked(numbers.get("k"), context, words.get("model"))
