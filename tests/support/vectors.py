"""Films and users with vectors, and a ranker that takes them: what a first phase goes by.

The vectors are such that the order of addition shows in the sums, and many films have equal ones, so that products tie.
"""

import struct
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pillion.features import Contents, FeatureTable
from pillion.project import FirstPhase, Serving
from tests.support import fixture_dataset, models

SIZE = 5
FILM_WITHOUT = 100
"""Lacks an element."""
USER_WITHOUT = 6
"""Lacks one as well."""
PROJECT = models.PROJECT.model_copy(
    update={"models": {"ranker": Serving(first_phase=FirstPhase(user="user_factor", item="item_factor"))}}
)
PROJECT_FILE = f"""{models.PROJECT_FILE}
[models.ranker.first_phase]
user = "user_factor"
item = "item_factor"
"""
_KINDS = 150
_ELEMENTS = [f"{whose}_factor_{at}" for whose in ("user", "item") for at in range(SIZE)]


def user_vector(user: int) -> list[float | None]:
    """A user's vector; None is missing."""
    vector: list[float | None] = [0.1 * (user % 3 + 1), -1.0 / 3.0, 1e7 / (user + 1), 0.7, -1e7 / (user + 1)]
    return [*vector[:-1], None] if user == USER_WITHOUT else vector


def film_vector(film: int) -> list[float | None]:
    """A film's vector, which it has in common with every 150th."""
    kind = film % _KINDS
    vector: list[float | None] = [kind / 7.0, 3.0 / (kind + 1), 0.9, (kind * 37 % 11) / 10.0, 0.9]
    return [None, *vector[1:]] if film == FILM_WITHOUT else vector


def film_score(film: int) -> float:
    """A film's feature that the ranker goes by; many have equal ones."""
    return film * 7919 % 1000 / 1000


@cache
def _product(user: int, kind: int) -> float:
    """The dot product in single precision, the elements added from the first to the last."""
    total = 0.0
    for left, right in zip(user_vector(user), film_vector(kind + _KINDS), strict=True):
        assert left is not None
        assert right is not None
        total = _single(total + _single(_single(left) * _single(right)))
    return total


def _single(number: float) -> float:
    """The nearest number of single precision; of a sum or product of two such it is what a processor rounds to."""
    rounded: float = struct.unpack("f", struct.pack("f", number))[0]
    return rounded


def best_films(user: int, films: Sequence[int], count: int, seen: Collection[int] = ()) -> list[int]:
    """The films that a first phase is to pick of some, best first."""
    known = [film for film in films if film != FILM_WITHOUT and film not in seen]
    return sorted(known, key=lambda film: (-_product(user, film % _KINDS), film))[:count]


def contents(films: Sequence[int] = fixture_dataset.FILMS) -> Contents:
    """What a store is filled with."""
    users = fixture_dataset.USERS
    rates = [user / 10 for user in users]
    return Contents(
        FeatureTable(list(users), {"user_rate": rates, **_columns("user_factor", map(user_vector, users))}),
        FeatureTable(
            list(films),
            {"item_score": [film_score(film) for film in films], **_columns("item_factor", map(film_vector, films))},
        ),
        {"global": [(film, len(films) - at) for at, film in enumerate(films)]},
        seen={user: seen for user, seen in fixture_dataset.SEEN.items() if user == 1},
    )


def _columns(name: str, vectors: Any) -> dict[str, list[Any]]:
    return {f"{name}_{at}": list(column) for at, column in enumerate(zip(*vectors, strict=True))}


def write_ranker(folder: Path, version: int = 2) -> None:
    """Writes a version of the ranker that takes the vectors; its score goes without them."""
    inputs = [
        {"name": name, "type": "double", "optype": "continuous", "source": name.partition("_")[0]} for name in _ELEMENTS
    ]
    fields = "".join(f'<DataField name="{name}" optype="continuous" dataType="double"/>' for name in _ELEMENTS)
    taken = "".join(f'<MiningField name="{name}"/>' for name in _ELEMENTS)
    document = models.RANKER.replace("</DataDictionary>", f"{fields}</DataDictionary>")
    models.write_ranker(
        folder,
        version,
        document.replace("</MiningSchema>", f"{taken}</MiningSchema>"),
        contract={"inputs": [*models.RANKER_INPUTS, *inputs]},
    )
