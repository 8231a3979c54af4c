"""The route through a shim that is a small server of canned answers."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pillion.parity.case import Case, ShimRequest
from pillion.parity.routes import RouteKind
from pillion.parity.run import failures, run_case
from pillion.parity.shim_route import ShimRoute
from tests.support.cases import make_case

ITEMS = (1, 2, 3)


@contextmanager
def shim(answer: dict[str, Any], deadlines: list[float]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            deadlines.append(float(self.headers["X-Deadline-Ms"]))
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def case_of_one_request() -> Case:
    request = ShimRequest(7, {}, (0, 1, 2), ITEMS)
    return make_case(real=3, requests=(request,))


@pytest.mark.parametrize("reason", ["overloaded", "deadline_exceeded"])
def test_an_answer_of_the_fallback_is_said_to_be_one_and_no_difference_of_ranks(reason: str) -> None:
    items = [{"item_id": item, "score": None} for item in ITEMS]
    answer = {"source": "popular", "reason": reason, "engine": None, "items": items}

    with shim(answer, []) as address:
        kind = RouteKind("shim", lambda case: ShimRoute(address, case, None, "spark"), real_only=True)
        results = run_case(case_of_one_request(), [kind])

    assert failures(results) == [f"hand by shim did not run: 1 requests were answered by the fallback ({reason}: 1)"]


def test_an_online_answer_is_judged_and_no_deadline_can_pass() -> None:
    case = case_of_one_request()
    scores = [float(score) for score in case.expected.columns["probability(1)"][:3]]
    ranked = sorted(zip(scores, ITEMS, strict=True), reverse=True)
    items = [{"item_id": item, "score": score} for score, item in ranked]
    answer = {"source": "online", "reason": None, "engine": "compiled", "items": items}
    deadlines: list[float] = []

    with shim(answer, deadlines) as address:
        kind = RouteKind("shim", lambda case: ShimRoute(address, case, None, "spark"), real_only=True)
        (result,) = run_case(case, [kind])

    assert failures([result]) == []
    assert result.difference is not None
    assert (result.difference.exact, result.engine, len(deadlines)) == (True, "compiled", 1)
    assert min(deadlines) >= 3_600_000
