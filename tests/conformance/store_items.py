"""What the tests of items in memory load into a store: films with a score, and whole numbers or texts as ids."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pillion.config import StoreSettings
from pillion.features import Contents, FeatureTable, publish_contents
from pillion.types import Id, IdType, Value

SCORES: Mapping[Any, float | None] = {7: 0.25, 3: 0.75, 11: None, 5: 0.75, 70_000: -1.5, 4: 0.5}
NAMES: Mapping[Any, float | None] = {"seven": 0.25, "three": 0.75, "élan": 0.5, "😀": 0.75, "ﬁn": 0.75}
GERMAN = "country=DE"


def publish(
    settings: StoreSettings,
    scores: Mapping[Any, float | None],
    popular: Sequence[Id] | None = None,
    german: Sequence[Id] = (),
    features: Mapping[str, Sequence[Value]] | None = None,
) -> int:
    """Publishes items as another feature version, the last one the most popular, and returns the version."""
    ids = list(scores)
    ranked = list(reversed(ids)) if popular is None else list(popular)
    lists = {"global": [(item, len(ids) - at) for at, item in enumerate(ranked)]}
    if german:
        lists[GERMAN] = [(item, len(german) - at) for at, item in enumerate(german)]
    columns = {"item_score": list(scores.values())} if features is None else features
    kind: IdType = "string" if isinstance(ids[0], str) else "integer"
    contents = Contents(
        FeatureTable([1], {"rate": [1.0]}),
        FeatureTable(ids, {name: list(values) for name, values in columns.items()}),
        lists,
        {ids[0]: "A film"},
        item_ids=kind,
    )
    return asyncio.run(publish_contents(settings, contents, lambda what, done, total: None))
