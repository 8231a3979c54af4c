"""Callers' connections: uvicorn's protocol, past which excess goes where a request is not admitted anyway."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pillion.shim.shedding import Shedder
from pillion.shim.turns import DependenciesFirst


def caller_protocol(shedder: Shedder, selector: DependenciesFirst | None) -> type[HttpToolsProtocol]:
    """Returns the protocol of callers' connections.

    Args:
        shedder: Answers what is not admitted.
        selector: The loop's, which is told of each connection; None where the loop has another.
    """

    class CallerProtocol(HttpToolsProtocol):
        _descriptor: int | None = None
        _within = False
        """Whether a request has arrived in part."""
        _answered_s = 0.0
        """When a request was shed last, on the loop's clock."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            connection: Any = transport.get_extra_info("socket")
            if selector is not None and connection is not None:
                self._descriptor = connection.fileno()
                selector.callers.add(connection.fileno())

        def data_received(self, data: bytes) -> None:
            waited_ms = late_ms = 0.0
            if selector is not None and self._descriptor is not None:
                waited_ms = selector.waited_s.get(self._descriptor, 0.0) * 1000
                late_ms = selector.late_s * 1000
            answer = shedder.answer(data, waited_ms, late_ms) if self._is_idle() else None
            if answer is None:
                self.app_state["waited_ms"] = waited_ms  # copied into the state of a request that begins here
                super().data_received(data)
                return
            head = b"".join([b"%b: %b\r\n" % line for line in (*self.server_state.default_headers, *answer[0])])
            self.transport.write(b"HTTP/1.1 200 OK\r\n%b\r\n%b" % (head, answer[1]))
            self.server_state.total_requests += 1
            self._answered_s = self.loop.time()
            if self.timeout_keep_alive_task is None:
                self._expire_later(self.timeout_keep_alive)

        def connection_lost(self, exc: Exception | None) -> None:
            if selector is not None and self._descriptor is not None:
                selector.callers.discard(self._descriptor)
            super().connection_lost(exc)

        def on_message_begin(self) -> None:
            self._within = True
            super().on_message_begin()

        def on_message_complete(self) -> None:
            self._within = False
            super().on_message_complete()

        def timeout_keep_alive_handler(self) -> None:
            """Ends the connection, unless a request was shed meanwhile: those leave the timer as it is."""
            left_s = self._answered_s + self.timeout_keep_alive - self.loop.time()
            if left_s <= 0:
                super().timeout_keep_alive_handler()
            else:
                self._expire_later(left_s)

        def _expire_later(self, seconds: float) -> None:
            self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

        def _is_idle(self) -> bool:
            """Whether what arrives now begins a request, all before are answered, and the caller reads its answers."""
            answered = self.cycle is None or self.cycle.response_complete
            return answered and not self._within and not self.flow.write_paused and not self.transport.is_closing()

    return CallerProtocol
