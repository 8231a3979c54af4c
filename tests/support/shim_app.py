"""The shim's app over fakes, called without a network."""

from pathlib import Path

import httpx

from pillion.config import ShimSettings, WatchSettings
from pillion.features import MemoryStore
from pillion.recommend import Recommender
from pillion.scoring import ModelRepository
from pillion.shim import create_app
from pillion.watch import Watch
from tests.support.data_plane import PATIENT, PATIENT_SIDECAR, PATIENT_STORE, reference_scores
from tests.support.item_scorer import ItemScorer
from tests.support.models import PROJECT, write_models


class ShimApp:
    """The app, its client, and the store and the scorer behind it."""

    def __init__(self, folder: Path) -> None:
        self.store = MemoryStore()
        self.scorer = ItemScorer(self.store, reference_scores)
        repository = ModelRepository(write_models(folder / "models"))
        self.log = folder / "log"
        self.watch = Watch(WatchSettings(feature_share=1.0, log_folder=self.log, log_share=1.0), PROJECT)
        self.recommender = Recommender(
            self.store, self.scorer, repository, PATIENT, PATIENT_STORE, PATIENT_SIDECAR,
            project=PROJECT, observers=[self.watch],
        )  # fmt: skip
        app = create_app(self.recommender, ShimSettings(max_body_bytes=100_000), log_requests=True)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://shim")

    async def close(self) -> None:
        await self.client.aclose()
        await self.recommender.close()
