"""The fixture dataset that faults happen to: 200 users whose every answer a reference formula gives."""

from dataclasses import dataclass
from typing import Any

from pillion.features import FeatureTable, Store, load_batch_answers, load_features
from pillion.types import Id
from tests.support.fixture_dataset import FILMS, contents
from tests.support.models import ranker_score

USERS = range(1, 201)
HOUR, DEVICE, COUNTRY = 9, "tv", "DE"
K = 5


def rate(user: int) -> float:
    """Returns a user's only feature, which no other user has."""
    return user / 100


def seen(user: int) -> list[int]:
    """Returns the films that a user has seen; each would be among the best otherwise."""
    return [300 - user % 7, 298]


def batch(user: int) -> list[int]:
    """Returns a user's batch answer."""
    return [1 + (user * 7 + place) % len(FILMS) for place in range(10)]


async def load(store: Store) -> int:
    """Publishes the dataset as a new feature version."""
    users = FeatureTable(
        list(USERS),
        {"user_rate": [rate(user) for user in USERS], "plan": ["free"] * len(USERS)},
    )
    whole = contents(users=users, seen={user: seen(user) for user in USERS})
    version = await load_features(store, whole, ttl_s=7 * 86400.0)
    answers: dict[Id, list[Id]] = {user: list[Id](batch(user)) for user in USERS}
    await load_batch_answers(store, version, answers, model="nightly", model_version=9, ttl_s=7 * 86400.0)
    return version


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with an answer.

    Attributes:
        malformed: It is not of the promised form.
        wrong_user: It rests on another user's features.
    """

    malformed: bool = False
    wrong_user: bool = False


_FINE = Verdict()
_MALFORMED = Verdict(malformed=True)
_WRONG_USER = Verdict(wrong_user=True)


def judge(answer: Any, user: int, request_id: str) -> Verdict:
    """Checks an answer of the shim: its form, and by the reference formula that it was computed for this user."""
    try:
        items = [item["item_id"] for item in answer["items"]]
        scores = [item["score"] for item in answer["items"]]
        source, reason = answer["source"], answer["reason"]
        fine = answer["user_id"] == user and answer["request_id"] == request_id
        fine = fine and 0 < len(items) <= K and len(set(items)) == len(items) and set(items) <= set(FILMS)
        known = (source == "online") == (reason is None)
        # A store that came back empty does not know the user: the model was asked without features, and says so.
        stranger = source == "online" and reason == "unknown_user"
        fine = fine and source in ("online", "batch", "segment", "popular") and (known or stranger)
    except (KeyError, TypeError):
        return _MALFORMED
    if not fine:
        return _WRONG_USER if isinstance(answer, dict) and answer.get("user_id") != user else _MALFORMED
    if source == "online":
        features = None if stranger else rate(user)
        expected = [ranker_score(features, item / len(FILMS), DEVICE, HOUR) for item in items]
        close = all(abs(score - wanted) < 1e-12 for score, wanted in zip(scores, expected, strict=True))
        if not close or (not stranger and set(items) & set(seen(user))):
            return _WRONG_USER
        return _FINE if scores == sorted(scores, reverse=True) else _MALFORMED
    if source == "batch" and items != [item for item in batch(user) if item not in seen(user)][:K]:
        return _WRONG_USER
    return _FINE
