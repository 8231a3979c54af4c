"""The fixture dataset of tests: 40 users, 300 films, what was seen, what is popular."""

from collections.abc import Callable, Sequence
from typing import Any

from pillion.features import Contents, FeatureTable, Store, load_batch_answers, load_features
from pillion.types import Id

USERS = range(1, 41)
FILMS = range(1, 301)
SEEN = {1: [1, 2, 3], 2: [10], 7: list(FILMS)}
BATCH: dict[Id, list[Id]] = {2: [10, 11, 12], 5: [20, 21, 22]}
MISSING_USER = 3
NAN_USER = 4
ALL_SEEN_USER = 7
UNKNOWN_USER = 4711


def contents(**changes: Any) -> Contents:
    rates: list[float | None] = [user / 10 for user in USERS]
    rates[MISSING_USER - 1] = None
    rates[NAN_USER - 1] = float("nan")
    users = FeatureTable(list(USERS), {"user_rate": rates, "plan": ["free", "paid"] * 20})
    items = FeatureTable(
        list(FILMS), {"item_score": [film / 300 for film in FILMS], "year": [1700 + film for film in FILMS]}
    )
    popularity: dict[str, Sequence[tuple[int, int]]] = {
        "global": [(film, 1000 - film) for film in FILMS],
        "country=DE": [(film, 500 - film) for film in FILMS if film % 2 == 0],
        "device=tv": [(film, 500 - film) for film in FILMS if film % 3 == 0],
    }
    parts: dict[str, Any] = {
        "users": users,
        "items": items,
        "popularity": popularity,
        "titles": {film: f"Film {film}" for film in FILMS},
        "seen": SEEN,
    }
    return Contents(**{**parts, **changes})


async def load_fixture_dataset(store: Store, now: Callable[[], float] = lambda: 1_700_000_000.0, **changes: Any) -> int:
    version = await load_features(store, contents(**changes), now=now)
    await load_batch_answers(store, version, BATCH, model="nightly", model_version=9, now=now)
    return version
