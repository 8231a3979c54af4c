"""A store with items, and a sidecar that has them in memory."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pillion.config import SidecarSettings, StoreSettings
from pillion.scoring import HttpScorer, Scorer
from pillion.scoring.grpc import GrpcScorer
from tests.conformance.sidecar import Addresses, running
from tests.conformance.store_items import publish
from tests.conformance.v2 import CONTEXT, post_json

PATIENCE_S = 60.0
QUICK = ("--store-refresh", "50")


class Stack:
    """A store, and a sidecar with its items in memory."""

    def __init__(self, store: StoreSettings, sidecar: Addresses) -> None:
        self.store = store
        self.sidecar = sidecar

    def scorers(self) -> list[Scorer]:
        http = SidecarSettings(address=f"http://{self.sidecar.http}")
        grpc = SidecarSettings(address=f"http://{self.sidecar.grpc}")
        return [HttpScorer(http, "json"), HttpScorer(http, "binary"), GrpcScorer(grpc)]

    def metadata(self, model: str = "ranker") -> Mapping[str, Any]:
        with urllib.request.urlopen(f"http://{self.sidecar.http}/v2/models/{model}", timeout=PATIENCE_S) as response:
            found: Mapping[str, Any] = json.load(response)["parameters"]
            return found

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://{self.sidecar.http}/metrics", timeout=PATIENCE_S) as response:
            return str(response.read().decode())

    def publish(self, *what: Any, **how: Any) -> int:
        """Publishes items, and waits until the sidecar has them."""
        version = publish(self.store, *what, **how)
        self.wait(lambda: self.metadata().get("feature_version") == version, f"version {version} to be loaded")
        return version

    def wait(self, condition: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self.metadata()}"
            time.sleep(0.02)

    def by_json(self, **body: Any) -> Any:
        return post_json(self.sidecar.http, "/v2/models/ranker/rank", {"context": CONTEXT, "k": 9, **body})


@contextmanager
def stack(jar: Path, models: Path, store: StoreSettings, *options: str) -> Iterator[Stack]:
    settings = SidecarSettings(jar=jar, models=models, start_timeout_s=180.0)
    with running(settings, options=(*QUICK, *options), store=store) as addresses:
        yield Stack(store, addresses)
