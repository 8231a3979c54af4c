"""What is done with excess: a request that is not admitted is answered from memory while it is being read.

At several times the load that store and sidecar can bear, most requests are excess, and what each of them costs decides
whether there is time for the others. The way through uvicorn, Starlette and a task of its own takes longer than
everything else that such a request needs. A request that is not in its plain form, or wrong in any way, goes that way
all the same; the answers are the same.
"""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import nullcontext

from pillion.errors import InvalidInput
from pillion.recommend import Recommender
from pillion.shim.metrics import Metrics
from pillion.shim.middleware import REQUEST_ID, Accounts, id_of, named
from pillion.shim.plain import Header, read_plain, write_plain
from pillion.shim.traces import read_trace

_REQUEST = re.compile(
    rb"GET ([!->@-~]+)(?:\?([!-~]*))? HTTP/1\.1"
    rb"((?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*)*)\r\n\r\n"
)
_TELLING = re.compile(
    rb"\r\n(x-request-id|x-deadline-ms|traceparent|tracestate"
    rb"|connection|content-length|transfer-encoding|expect|upgrade|te|trailer):[ \t]*([^\r]*?)[ \t]*(?=\r|\Z)",
    re.IGNORECASE,
)
_HARMLESS = frozenset((b"x-request-id", b"x-deadline-ms", b"traceparent", b"tracestate"))


class Shedder:
    """Answers `GET /v1/recommendations/{user_id}` at once where no request is admitted.

    Args:
        recommender: The data plane.
        metrics: Where to count answers.
        accounts: Where to enter requests.
        route: Path of the application's own route for it, which names it in metrics.
        draining: Whether the shim is being stopped; answers then say that they are the last ones, which these do not.
    """

    def __init__(
        self, recommender: Recommender, metrics: Metrics, accounts: Accounts, route: str, draining: Callable[[], bool]
    ) -> None:
        self._recommender = recommender
        self._metrics = metrics
        self._accounts = accounts
        self._route = route
        self._draining = draining
        self._coming = 0

    def answer(self, data: bytes, waited_ms: float, late_ms: float = 0.0) -> tuple[list[Header], bytes] | None:
        """Returns headers and body of the answer, whose status is 200; None where the request goes the usual way.

        Args:
            data: What a connection has sent, all of it, at the beginning of a request.
            waited_ms: How long it had lain there.
            late_ms: How long what has lain longest had, of any connection: while the process is that late, admitting
                even those that came last would keep the others waiting.
        """
        if not self._recommender.is_full(self._coming, max(waited_ms, late_ms)):
            self._let_through()
            return None
        started = time.perf_counter()
        found = _REQUEST.fullmatch(data)
        headers = None if found is None or self._draining() else _telling(found[3])
        if found is None or headers is None:
            return None
        path, request_id, trace = found[1].decode(), id_of(headers), read_trace(headers)
        request = read_plain({
            "type": "http", "method": "GET", "path": path, "query_string": found[2] or b"", "headers": headers,
            "state": {"request_id": request_id, "trace": trace, "waited_ms": waited_ms},
        })  # fmt: skip
        if request is None:
            return None
        try:
            answer = self._recommender.shed(request)
        except InvalidInput:
            return None  # it was not counted yet, and is refused in words elsewhere
        self._metrics.count_answer(answer)
        headers, body = write_plain(answer)
        with named(request_id, trace) if self._accounts.log else nullcontext():
            self._accounts.enter(self._route, "GET", path, 200, time.perf_counter() - started)
        return [*headers, (REQUEST_ID, request_id.encode())], body

    def _let_through(self) -> None:
        """Notes a request that will take a place as soon as its task begins, which is in the loop's next turn."""
        if not self._coming:
            asyncio.get_running_loop().call_soon(self._all_came)
        self._coming += 1

    def _all_came(self) -> None:
        self._coming = 0


def _telling(lines: bytes) -> list[Header] | None:
    """Returns the headers that an answer depends on; None where one of them wants more than a plain answer."""
    headers = []
    for name, value in _TELLING.findall(lines):
        small = name.lower()
        if small in _HARMLESS:
            headers.append((small, value))
        elif small != b"connection" or value.lower() != b"keep-alive":
            return None
    return headers
