"""A connection that is made while the shim stops listening is answered, whichever turn of the loop it falls into."""

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from pillion.config import ShimSettings
from pillion.features import MemoryStore
from pillion.recommend import Recommender
from pillion.scoring import ModelRepository
from pillion.shim import server
from tests.support.data_plane import reference_scores
from tests.support.fixture_dataset import load_fixture_dataset
from tests.support.item_scorer import ItemScorer
from tests.support.models import PROJECT, write_models


@pytest.mark.parametrize("turns", range(5))
def test_a_connection_of_the_last_moment_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    store = MemoryStore()
    asyncio.run(load_fixture_dataset(store))
    recommender = Recommender(
        store, ItemScorer(store, reference_scores), ModelRepository(write_models(tmp_path / "models")), project=PROJECT
    )
    stop_accepting = server._Server._stop_accepting
    callers = []

    async def at_the_last_moment(self: Any, sockets: Any) -> None:
        callers.append(socket.create_connection(sockets[0].getsockname()))  # the kernel does it, with no turn of ours
        callers[0].sendall(b"GET /v1/recommendations/7 HTTP/1.1\r\nHost: shim\r\n\r\n")
        for _ in range(turns):
            await asyncio.sleep(0)
        await stop_accepting(self, sockets)

    monkeypatch.setattr(server._Server, "_stop_accepting", at_the_last_moment)
    server.serve(
        lambda: recommender,
        ShimSettings(port=0, workers=1),
        announce=lambda line: os.kill(os.getpid(), signal.SIGTERM),
    )

    with callers[0] as caller:
        caller.settimeout(10)
        answer = b"".join(iter(lambda: caller.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close\r\n" in answer
    assert answer.endswith(b"}")
