"""First phases: what picks the candidates that go on to the model, as the sidecar does, and what is wrong with one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pillion.errors import ConfigurationError
from pillion.features import Catalog, MemoryStore, load_features, read_catalog
from pillion.project import FirstPhase, Project, Serving
from pillion.recommend import BoundModel, Models
from pillion.scoring import ModelRepository
from tests.support import vectors
from tests.support.fixture_dataset import FILMS
from tests.support.watched import scored

SEEN = np.array([1, 2, 151])
CONTEXT = {"user_rate": 0.5, "device": "tv", "hour": 9}


@pytest.fixture
async def catalog() -> Catalog:
    store = MemoryStore()
    await load_features(store, vectors.contents())
    found = await read_catalog(store, 10.0)
    assert found is not None
    return found


def bind(repository: ModelRepository, catalog: Catalog, project: Project = vectors.PROJECT) -> BoundModel:
    vectors.write_ranker(repository.folder)
    models = Models(repository, project, "ranker")
    models.load()
    return models.bind(models.get("ranker"), catalog)


def context(user: int) -> dict[str, Any]:
    return CONTEXT | {f"user_factor_{at}": value for at, value in enumerate(vectors.user_vector(user))}


@pytest.mark.parametrize("count", [1, 7, 40, 400])
def test_the_best_unseen_items_are_those_of_single_precision_in_order(
    repository: ModelRepository, catalog: Catalog, count: int
) -> None:
    bound = bind(repository, catalog)

    for user in (1, 2, 3, 40):
        picked = bound.candidates(catalog, None, context(user), SEEN, count)

        assert picked.tolist() == vectors.best_films(user, FILMS, count, SEEN.tolist())
        assert vectors.FILM_WITHOUT not in picked


def test_a_phase_that_was_cut_off_is_picked_again_from_what_it_looked_at(
    repository: ModelRepository, catalog: Catalog
) -> None:
    bound = bind(repository, catalog)
    request = scored(catalog, context(1))
    findings = replace(request.request.findings, seen_share=64 / len(FILMS))
    asked = replace(request.asked, items=None, listed="global", list_size=20)
    request = replace(request, bound=bound, chosen=None, asked=asked, result=replace(request.result, findings=findings))

    assert request.candidates.tolist() == vectors.best_films(1, FILMS[:64], 20)


@pytest.mark.parametrize("element", [None, float("nan"), float("inf"), 1e300])
def test_users_without_a_vector_have_what_is_popular(
    repository: ModelRepository, catalog: Catalog, element: float | None
) -> None:
    bound = bind(repository, catalog)
    popular = [film for film in FILMS if film not in SEEN][:20]

    for lacking in (context(vectors.USER_WITHOUT), context(1) | {"user_factor_2": element}):
        assert bound.candidates(catalog, None, lacking, SEEN, 20).tolist() == popular


@pytest.mark.parametrize(
    ("user", "item", "said"),
    [
        ("taste", "item_factor", "it has no input 'taste_0', the first element of the user's vector 'taste'"),
        ("user_factor", "user_factor", "the input 'user_factor_0' is none of the item's"),
        ("item_factor", "item_factor", "the input 'item_factor_0' is none of the user's"),
    ],
)
def test_vectors_that_the_model_does_not_have_are_named(
    repository: ModelRepository, catalog: Catalog, user: str, item: str, said: str
) -> None:
    phase = Serving(first_phase=FirstPhase(user=user, item=item))
    project = vectors.PROJECT.model_copy(update={"models": {"ranker": phase}})

    with pytest.raises(ConfigurationError, match=f"^the first phase of the model 'ranker': {said}$"):
        bind(repository, catalog, project)


def test_a_model_that_ranks_its_classes_has_no_first_phase(repository: ModelRepository, catalog: Catalog) -> None:
    phase = Serving(first_phase=FirstPhase(user="user_factor", item="item_factor"))
    models = Models(repository, vectors.PROJECT.model_copy(update={"models": {"picker": phase}}), "picker")
    models.load()

    with pytest.raises(ConfigurationError, match="the model 'picker' ranks its classes"):
        models.check(catalog)
