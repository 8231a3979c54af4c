"""Scored requests made by hand, for what watches them."""

from collections.abc import Mapping, Sequence

import numpy as np

from pillion.features import (
    Baseline,
    BoundContract,
    Catalog,
    Contract,
    MemoryStore,
    UserSide,
    bind,
    load_features,
    read_catalog,
)
from pillion.features.contract import Input
from pillion.recommend import BoundModel, ScoredRequest, ServedModel
from pillion.recommend.answer import RungResult
from pillion.recommend.request import NO_ITEMS, Findings, PreparedRequest
from pillion.resilience import Deadline, SystemClock
from pillion.scoring import RankRequest, ScoreRanking
from pillion.types import Id, Request, Value
from tests.support.clinic import contents as clinic_contents
from tests.support.fixture_dataset import contents
from tests.support.models import PROJECT

INPUTS = (
    Input("user_rate", "double", "continuous", "user"),
    Input("plan", "string", "categorical", "user"),
    Input("item_score", "double", "continuous", "item"),
    Input("hour", "integer", "continuous", "online"),
)


async def catalog_with(text_ids: bool = False) -> Catalog:
    """A feature version of the fixture dataset, or of the clinic, whose ids are text."""
    store = MemoryStore()
    await load_features(store, clinic_contents() if text_ids else contents())
    catalog = await read_catalog(store, 10.0)
    return catalog


def served(baseline: Baseline | None = None, version: int = 1) -> ServedModel:
    return ServedModel("ranker", version, Contract(INPUTS), ScoreRanking("score"), baseline)


def scored(
    catalog: Catalog,
    context: Mapping[str, Value],
    *,
    model: ServedModel | None = None,
    user_id: Id = 1,
    candidates: Sequence[int] = (3, 1, 2),
    answer: Sequence[int] = (2, 3),
    scores: Sequence[float] = (0.5, 0.25),
    sent: Mapping[int, Mapping[str, Value]] | None = None,
) -> ScoredRequest:
    """A request that a model answered, with what all its candidates share."""
    model = model or served()
    bound = BoundModel(_bound(model, catalog), {})
    numbers = np.array(candidates, dtype=np.int64)
    findings = Findings(UserSide(None, NO_ITEMS, None, sent or {}, {}))
    deadline = Deadline.after(1.0, SystemClock())
    request = PreparedRequest(
        Request(user_id), len(answer), model, catalog, {}, None, None, (), None, deadline, 0.0, 0.0, findings
    )
    asked = RankRequest(model.name, bound.contract.types, context, len(answer), catalog.numbers.ids(numbers))
    result = RungResult(
        np.array(answer, dtype=np.int64), 0.0, findings, list(scores), None, model.name, model.version, "compiled"
    )
    return ScoredRequest(request, bound, numbers, asked, result)


def _bound(model: ServedModel, catalog: Catalog) -> BoundContract:
    types = {each.name: each.type for each in model.contract.inputs}
    if "plan" not in catalog.users.names:
        return BoundContract(types, ("user_rate", "plan"), ("item_score",), ("hour",), {}, True)
    return bind(model.contract, model.name, catalog.users, catalog.items, declared=PROJECT.inputs)
