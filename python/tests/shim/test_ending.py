"""A connection that is made while the shim stops listening is answered, whichever turn of the loop it falls into."""

import asyncio
import os
import signal
import socket

import pytest

from features.world import load_world
from pillion.shim import server
from shim.test_plain import make
from shim.test_shedding import PATH, raw


@pytest.mark.parametrize("turns", range(5))
async def test_a_connection_of_the_last_moment_is_answered(tmp_path, monkeypatch, turns):
    recommender = make(tmp_path)
    await load_world(recommender._needs.store)
    stop_accepting = server._Server._stop_accepting
    callers = []

    async def at_the_last_moment(self, sockets):
        callers.append(socket.create_connection(sockets[0].getsockname()))  # the kernel does it, with no turn of ours
        callers[0].sendall(raw(PATH))
        for _ in range(turns):
            await asyncio.sleep(0)
        await stop_accepting(self, sockets)

    monkeypatch.setattr(server._Server, "_stop_accepting", at_the_last_moment)
    await server.serve_async(recommender, announce=lambda line: os.kill(os.getpid(), signal.SIGTERM))

    with callers[0] as caller:
        caller.settimeout(10)
        answer = b"".join(iter(lambda: caller.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close\r\n" in answer
    assert answer.endswith(b"}")
