"""The data plane over fakes: patient settings, and scorers that follow the ranker's reference formula."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from pillion.config import RecommendSettings, SidecarSettings, StoreSettings
from pillion.features import Store
from pillion.recommend import Observer, Recommender
from pillion.scoring import FakeScorer, RankedItems, RankRequest, Scorer, ScoreRequest, Scores
from pillion.types import Recommendation, Value
from tests.support.models import ranker_score

PATIENT = RecommendSettings(deadline_ms=20_000, admission_lag_ms=20_000, reserve_ms=1_000, fallback_check_share=0.0)
PATIENT_STORE = StoreSettings(attempt_timeout_ms=9_000, slow_ms=8_000)
PATIENT_SIDECAR = SidecarSettings(attempt_timeout_ms=9_000, slow_ms=8_000)
AT_NINE: dict[str, Value] = {"device": "tv", "country": "DE", "referrer": "email", "hour": 9, "weekday": 2}
NOW = 1_700_000_100.0


class Recommending(Protocol):
    """Starts recommenders, and closes them at the end of the test."""

    async def __call__(
        self,
        store: Store,
        scorer: Scorer,
        settings: RecommendSettings = PATIENT,
        *,
        random: Callable[[], float] = ...,
        observers: Sequence[Observer] = ...,
    ) -> Recommender: ...


def reference_scores(request: ScoreRequest) -> Scores:
    """Scores as the ranker of the fixture dataset does."""
    columns = [list(request.columns[name]) for name in ("user_rate", "item_score", "device", "hour")]
    rows = zip(*columns, strict=True)
    return Scores({"probability(1)": [ranker_score(*row) for row in rows]}, (), 1, "reference")


def failing(error: Exception) -> FakeScorer:
    def ranking(request: RankRequest) -> RankedItems:
        raise error

    return FakeScorer(ranking=ranking)


def ids(answer: Recommendation) -> list[Any]:
    return [scored.item.item_id for scored in answer.items]
