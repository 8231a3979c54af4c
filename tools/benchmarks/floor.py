"""What the shim's libraries take without the shim: a route of FastAPI under the shim's uvicorn, as a program.

`empty` gives an answer that was prepared. `trips` goes to store and sidecar first, with requests that were prepared, by
the clients that the shim has: redis-py and aiohttp. Nothing is checked, guarded, counted or put together, so that no
shim of these libraries takes less.

    python -m tools.benchmarks.floor trips
"""

import asyncio
import contextlib
import sys
from collections.abc import Awaitable, Callable, Sequence

import orjson
import uvicorn
import uvloop
from fastapi import FastAPI
from fastapi.responses import Response

from pillion.config import ShimSettings, SidecarSettings, StoreSettings
from pillion.features.address import open_client
from pillion.features.redis import RedisStore
from pillion.features.store import Values
from pillion.project import find_project
from pillion.recommend import Recommender
from pillion.scoring import ModelRepository, RankedItems, RankRequest
from pillion.scoring.http import HttpScorer
from pillion.scoring.v2_rank import encode_rank
from pillion.shim.bodies import answer_json
from pillion.shim.server import bind, uvicorn_config
from pillion.types import Request, Source
from tools.benchmarks.hosts import MOMENT, USERS


class _Store(RedisStore):
    """Keeps what was read of a user last."""

    fields: Sequence[tuple[str, int | str]] = ()

    async def read(self, fields: Sequence[tuple[str, int | str]], keys: Sequence[str], timeout_s: float) -> Values:
        self.fields = fields or self.fields
        return await super().read(fields, keys, timeout_s)


class _Sidecar(HttpScorer):
    """Keeps what was ranked last."""

    asked: RankRequest | None = None

    async def rank(self, request: RankRequest, timeout_s: float) -> RankedItems:
        self.asked = request
        return await super().rank(request, timeout_s)


async def _prepare() -> tuple[bytes, Callable[[], Awaitable[None]]]:
    """Has the data plane answer once; returns the answer, and what makes its trips anew."""
    to_store, to_sidecar = StoreSettings(), SidecarSettings()
    store, sidecar = _Store(to_store), _Sidecar(to_sidecar)
    project = find_project(None, to_sidecar.models)
    recommender = Recommender(store, sidecar, ModelRepository(to_sidecar.models), project=project)
    await recommender.start()
    await recommender.warm_up()
    found = await recommender.recommend(Request(USERS[1], 10, context=MOMENT))
    fields, asked = store.fields, sidecar.asked
    if found.source is not Source.ONLINE or asked is None:
        raise SystemExit(f"the model did not answer: {found.reason}")
    await recommender.close()
    client, scorer = open_client(to_store.url, {}, {}), HttpScorer(to_sidecar)
    path, body = f"/v2/models/{asked.model}/rank", encode_rank(asked)

    async def make() -> None:
        pipeline = client.pipeline(transaction=False)
        for key, field in fields:
            pipeline.hget(key, field)
        await pipeline.execute()
        await scorer.call("POST", path, {"content-type": "application/json"}, body)

    return orjson.dumps(answer_json(found)), make


async def _serve(kind: str) -> None:
    answer, trips = await _prepare()
    app = FastAPI()

    async def empty() -> Response:
        return Response(answer, media_type="application/json")

    async def with_trips() -> Response:
        await trips()
        return Response(answer, media_type="application/json")

    route = with_trips if kind == "trips" else empty
    app.get("/v1/recommendations/{user_id}")(route)
    app.post("/v1/recommendations")(route)
    settings = ShimSettings(port=0)
    with contextlib.closing(bind(settings.host, settings.port)) as listener:
        listener.listen()
        print(f"LISTENING host http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        await uvicorn.Server(uvicorn_config(app, settings)).serve(sockets=[listener])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(sys.argv[1]))
