"""First phases, end to end: what the shim answers from 110,000 films is what single precision says in order."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from pillion.config import StoreSettings
from pillion.features import publish_contents
from pillion.features.store_process import StoreProcess
from pillion.project import FILE
from pillion.scoring import CATALOG, RankedItems, RankRequest
from pillion.types import FieldType, Value
from tests.conformance.items_stack import Stack, stack
from tests.support import vectors
from tests.support.fixture_dataset import SEEN
from tests.support.models import RANKER_TYPES, ranker_score
from tests.support.shim import Shim

pytestmark = pytest.mark.process

FILMS = range(1, 110_001)
"""So many that threads share the work."""
COUNT = 200
K = 12
CONTEXT: dict[str, Value] = {"device": "tv", "hour": 9}
USERS = (1, 2, 9, 40)
LONG_MS = 20_000
PATIENT = {
    "PILLION_SIDECAR_ATTEMPT_TIMEOUT_MS": "9000",
    "PILLION_SIDECAR_SLOW_MS": "8000",
    "PILLION_RECOMMEND_DEADLINE_MS": str(LONG_MS),
    "PILLION_RECOMMEND_ADMISSION_LAG_MS": str(LONG_MS),
}
"""Settings under which a first phase looks at all items on a machine that stands still for seconds."""


@dataclass(frozen=True)
class Services:
    stack: Stack
    shim: str


@pytest.fixture(scope="module")
def services(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("first-phase")
    models = folder / "models"
    vectors.write_ranker(models, 1)
    (models / FILE).write_text(vectors.PROJECT_FILE)
    with StoreProcess() as valkey:
        store = StoreSettings(url=valkey.url)
        asyncio.run(publish_contents(store, vectors.contents(FILMS), lambda what, done, total: None))
        with stack(jar, models, store) as started:
            address = f"http://{started.sidecar.http}"
            shim = Shim(models, valkey.url, address, folder / "snapshot.npz", environment=PATIENT)
            try:
                yield Services(started, shim.address())
            finally:
                shim.end()


def expected(user: int, looked_at: int) -> list[int]:
    """The best of the candidates by the ranker's formula, equal ones by rising id."""
    picked = vectors.best_films(user, FILMS[:looked_at], COUNT, SEEN[1] if user == 1 else ())
    return sorted(picked, key=lambda film: (-vectors.film_score(film), film))[:K]


def ask(services: Services, user: int, within_ms: float) -> dict[str, Any]:
    body = {"user_id": user, "k": K, "context": CONTEXT}
    response = httpx.post(
        f"{services.shim}/v1/recommendations", json=body, headers={"X-Deadline-Ms": str(within_ms)}, timeout=60.0
    )
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.parametrize("user", USERS)
def test_an_answer_is_the_best_of_the_items_with_the_largest_products(services: Services, user: int) -> None:
    answer = ask(services, user, LONG_MS)

    assert (answer["source"], answer["reason"], answer["seen_share"]) == ("online", None, 1.0)
    assert [item["item_id"] for item in answer["items"]] == expected(user, len(FILMS))
    for item in answer["items"]:
        score = ranker_score(user / 10, vectors.film_score(item["item_id"]), "tv", 9)
        assert item["score"] == pytest.approx(score, rel=1e-12)


def test_a_user_without_a_vector_gets_the_best_of_what_is_popular(services: Services) -> None:
    answer = ask(services, vectors.USER_WITHOUT, LONG_MS)
    best = sorted(FILMS[:COUNT], key=lambda film: (-vectors.film_score(film), film))[:K]

    assert (answer["source"], answer["seen_share"]) == ("online", None)
    assert [item["item_id"] for item in answer["items"]] == best


def test_an_answer_in_little_time_is_the_best_of_the_share_that_it_names(services: Services) -> None:
    """Whichever share there was time for; where there was none, the answer is no model's."""
    for within_ms in (40, 20, 12, 9, 8, 7.5, 7, 6.5, 6, 5.5):
        answer = ask(services, 9, within_ms)
        if answer["source"] != "online":
            assert answer["reason"]
            continue
        looked_at = round(answer["seen_share"] * len(FILMS))
        assert looked_at == len(FILMS) or looked_at % 1_024 == 0
        assert [item["item_id"] for item in answer["items"]] == expected(9, looked_at)


def test_each_client_gets_the_same(services: Services) -> None:
    ranked = _rank(services.stack, 2)

    for each in ranked:
        assert list(each.items) == expected(2, len(FILMS))
        assert (each.candidates, each.seen_share, each.scores) == (COUNT, 1.0, ranked[0].scores)


def _rank(started: Stack, user: int) -> Sequence[RankedItems]:
    elements = {f"user_factor_{at}": value for at, value in enumerate(vectors.user_vector(user))}
    types: dict[str, FieldType] = {**RANKER_TYPES, **{name: "double" for name in elements}}
    context: dict[str, Value] = {"user_rate": user / 10, **CONTEXT, **elements}
    request = RankRequest(
        "ranker", types, context, K, listed=CATALOG, list_size=COUNT, vectors=("user_factor", "item_factor")
    )

    async def run() -> list[RankedItems]:
        scorers = started.scorers()
        try:
            return [await scorer.rank(request, 60.0) for scorer in scorers]
        finally:
            for scorer in scorers:
                await scorer.close()

    return asyncio.run(run())
