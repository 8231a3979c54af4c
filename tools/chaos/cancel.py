"""Cancels calls at random moments while they wait for store or sidecar, and checks whose answer the others get.

    python -m tools.chaos.cancel --cancellations 100000

A client that gives a connection back with a reply still under way hands that reply to the next caller
(CVE-2023-28858, CVE-2023-28859). Every user's feature and scores can be told from all others' here. It runs on uvloop,
as the shim does; the tests run less of it on asyncio.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import uvloop

from pillion.config import SidecarSettings, StoreSettings
from pillion.errors import PillionError
from pillion.features import Catalog, read_catalog, read_user
from pillion.features.redis import RedisStore
from pillion.features.store_process import StoreProcess
from pillion.scoring import HttpScorer, ScoreRequest
from pillion.scoring.sidecar_process import SidecarProcess
from pillion.types import Repeated
from tests.support.models import RANKER_TYPES, ranker_score, write_models
from tools.chaos import fixture_dataset
from tools.checkout import JAR

_WORKERS = 24
_FILMS = [10, 150, 290]


@dataclass(slots=True)
class Result:
    """What came of it.

    Attributes:
        cancelled: Calls that were cancelled while they waited.
        completed: Calls that were answered.
        failed: Calls that ended with an error.
        wrong: Answers that were another user's.
    """

    cancelled: int = 0
    completed: int = 0
    failed: int = 0
    wrong: int = 0


class Trial:
    """Calls under way side by side, most of which are cancelled.

    Args:
        store: Filled with the fixture dataset.
        scorer: A sidecar's client.
        catalog: The store's.
        cancellations: How many are wanted.
        seed: Determines whom and when.
    """

    def __init__(
        self, store: RedisStore, scorer: HttpScorer, catalog: Catalog, cancellations: int, seed: int = 0
    ) -> None:
        self.result = Result()
        self._store, self._scorer, self._catalog = store, scorer, catalog
        self._wanted = cancellations
        self._chance = random.Random(seed)
        self._typical_s = 0.002

    async def run(self) -> Result:
        """Runs until enough calls were cancelled."""
        await asyncio.gather(*(self._work() for _ in range(_WORKERS)))
        return self.result

    async def _work(self) -> None:
        while self.result.cancelled < self._wanted:
            user = self._chance.choice(fixture_dataset.USERS)
            task = asyncio.create_task(self._call(user))
            if self._chance.random() < 0.8:
                await asyncio.wait([task], timeout=self._chance.random() * self._typical_s)
                if task.cancel():
                    await asyncio.wait([task])
            started = time.perf_counter()
            try:
                fine = await task
            except asyncio.CancelledError:
                self.result.cancelled += 1
                continue
            except (PillionError, TimeoutError):
                self.result.failed += 1
                continue
            self._typical_s += 0.01 * (time.perf_counter() - started - self._typical_s)
            self._typical_s = max(self._typical_s, 0.001)
            self.result.completed += 1
            self.result.wrong += not fine

    async def _call(self, user: int) -> bool:
        """Fetches a user's side and scores it; returns whether both were this user's own."""
        side = await read_user(self._store, self._catalog, user, [], 30.0)
        fine = side.features is not None and side.features["user_rate"] == fixture_dataset.rate(user)
        fine = fine and side.seen.tolist() == sorted(fixture_dataset.seen(user))
        fine = fine and side.batch is not None and side.batch.tolist() == fixture_dataset.batch(user)
        columns = {
            "user_rate": Repeated(fixture_dataset.rate(user), len(_FILMS)),
            "item_score": [film / 300 for film in _FILMS],
            "device": Repeated(fixture_dataset.DEVICE, len(_FILMS)),
            "hour": Repeated(fixture_dataset.HOUR, len(_FILMS)),
        }
        request = ScoreRequest("ranker", RANKER_TYPES, columns, len(_FILMS), ("probability(1)",))
        scores = (await self._scorer.score(request, 30.0)).columns["probability(1)"]
        expected = [
            ranker_score(fixture_dataset.rate(user), film / 300, fixture_dataset.DEVICE, fixture_dataset.HOUR)
            for film in _FILMS
        ]
        return fine and all(
            isinstance(score, float) and abs(score - wanted) < 1e-12
            for score, wanted in zip(scores, expected, strict=True)
        )


async def try_out(url: str, address: str, cancellations: int, seed: int = 0) -> Result:
    """Fills a store, and cancels calls to it and to a sidecar."""
    store = RedisStore(StoreSettings(url=url, max_connections=_WORKERS))
    scorer = HttpScorer(SidecarSettings(address=address, max_connections=_WORKERS))
    try:
        await fixture_dataset.load(store)
        catalog = await read_catalog(store, 30.0)
        return await Trial(store, scorer, catalog, cancellations, seed).run()
    finally:
        await scorer.close()
        await store.close()


def main(words: list[str]) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="tools.chaos.cancel", description=__doc__)
    parser.add_argument("--cancellations", type=int, default=100_000)
    arguments = parser.parse_args(words)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="pillion-") as folder, StoreProcess() as store:
        models = write_models(Path(folder) / "models")
        uds = Path(folder) / "s.sock"
        with SidecarProcess(SidecarSettings(jar=JAR, models=models), uds=uds):
            result = uvloop.run(try_out(store.url, f"unix:{uds}", arguments.cancellations))
    print(
        f"{result.cancelled} cancellations, {result.completed} answers, {result.wrong} of another user, "
        f"{result.failed} errors, {time.monotonic() - started:.0f} s"
    )
    return 1 if result.wrong or result.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
