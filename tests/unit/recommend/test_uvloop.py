"""The data plane on uvloop, whose transports are not asyncio's, with a scorer behind a real socket."""

import asyncio
from pathlib import Path

import orjson
import uvloop

from pillion.features import MemoryStore
from pillion.recommend import Recommender
from pillion.scoring import HttpScorer, ModelRepository
from pillion.types import Recommendation, Request, Source
from tests.support.data_plane import AT_NINE, NOW, PATIENT, PATIENT_SIDECAR, PATIENT_STORE, ids
from tests.support.fixture_dataset import load_fixture_dataset
from tests.support.models import PROJECT, ranker_score, write_models


async def score(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Plays a sidecar that ranks films by the reference formula, in which a later film is a better one."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    request = orjson.loads(await reader.readexactly(length))
    shared = {tensor["name"]: tensor["data"][0] for tensor in request["context"]}
    best = sorted(request["item_ids"], reverse=True)[: request["k"]]
    scores = [ranker_score(shared["user_rate"], item / 300, shared["device"], shared["hour"]) for item in best]
    about = {"model_version": "1", "id": request["id"], "feature_version": request["feature_version"]}
    body = orjson.dumps({**about, "items": best, "scores": scores, "candidates": len(best), "unscored": 0})
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()
    writer.close()


async def recommend(folder: Path, address: str) -> Recommendation:
    sidecar = PATIENT_SIDECAR.model_copy(update={"address": address})
    store = MemoryStore()
    await load_fixture_dataset(store)
    repository = ModelRepository(write_models(folder / "models"))
    recommender = Recommender(
        store,
        HttpScorer(sidecar, "json"),
        repository,
        PATIENT,
        PATIENT_STORE,
        sidecar,
        project=PROJECT,
        now=lambda: NOW,
    )
    await recommender.start()
    try:
        return await recommender.recommend(Request(1, 3, [1, 2, 5, 9, 7], AT_NINE, request_id="r"))
    finally:
        await recommender.close()


def test_a_request_is_answered_by_the_model_over_tcp_and_over_a_unix_socket(tmp_path: Path) -> None:
    async def over_both() -> list[Recommendation]:
        assert isinstance(asyncio.get_running_loop(), uvloop.Loop)
        path = tmp_path / "s"
        tcp = await asyncio.start_server(score, "127.0.0.1", 0)
        unix = await asyncio.start_unix_server(score, path)
        async with tcp, unix:
            port = tcp.sockets[0].getsockname()[1]
            addresses = (f"http://127.0.0.1:{port}", f"unix:{path}")
            return [await recommend(tmp_path / str(place), address) for place, address in enumerate(addresses)]

    for answer in uvloop.run(over_both()):
        assert (answer.source, answer.reason) == (Source.ONLINE, None)
        assert ids(answer) == [9, 7, 5]
        assert answer.items[0].score == ranker_score(0.1, 9 / 300, "tv", 9)
