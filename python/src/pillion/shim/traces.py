"""Trace contexts: read off a request's headers, so that they can be passed on.

Source: W3C, "Trace Context". The shim makes no spans of its own, so the caller's goes to the sidecar as it is.
"""

import re
from collections.abc import Iterable

from pillion.types import Trace

_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?P<trace_id>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]*)?"
)
_STATE = re.compile(r"[ -~\t]{1,512}")


def read_trace(headers: Iterable[tuple[bytes, bytes]]) -> Trace | None:
    """Returns the trace that a request's headers name, or None.

    A `traceparent` that is not one counts as absent, and a `tracestate` beside none, or of more than 512 characters,
    as well.

    Args:
        headers: Names in small letters, as ASGI has them, and values.
    """
    parents: list[str] = []
    states: list[str] = []
    for name, value in headers:
        if name == b"traceparent":
            parents.append(value.decode("latin-1"))
        elif name == b"tracestate":
            states.append(value.decode("latin-1"))
    if len(parents) != 1 or not _PARENT.fullmatch(parents[0]):
        return None
    state = ",".join(states)
    return Trace(parents[0], state if _STATE.fullmatch(state) else "")


def trace_id(trace: Trace) -> str:
    """Returns the id that all spans of the trace share."""
    return trace.parent.split("-")[1]
