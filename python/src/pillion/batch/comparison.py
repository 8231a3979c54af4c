"""A sample of a run's answers beside what a request is answered with."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pillion.batch.factors import SavedFactors
from pillion.batch.run import BatchRun
from pillion.errors import NotReproduced, StoreError
from pillion.features import keys, read_user
from pillion.features.record_codec import unpack_ids
from pillion.features.redis import RedisStore
from pillion.features.user_sample import read_user_buckets
from pillion.recommend import Recommender
from pillion.types import Id, Request, Source, Value

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """Users whose answers were compared.

    Attributes:
        compared: How many.
        differing: Those whose items or their order differ, with both lists, batch's first.
    """

    compared: int
    differing: tuple[tuple[Id, list[Id], list[Id]], ...]

    def require_none(self) -> None:
        """Raises NotReproduced where an answer differs."""
        if self.differing:
            user, batch, online = self.differing[0]
            raise NotReproduced(
                f"{len(self.differing)} of {self.compared} answers differ from what a request gets, and those before"
                f" stay in use; the first is user {user!r}'s: batch has {batch}, online {online}"
            )


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a run's candidates were chosen: so many by the products of these vectors."""

    factors: SavedFactors
    count: int


async def compare_sample(
    recommender: Recommender,
    store: RedisStore,
    run: BatchRun,
    context: Mapping[str, Value],
    k: int,
    count: int,
    timeout_s: float,
    progress: Progress,
    chosen: "Chosen | None" = None,
) -> Sample:
    """Asks for some users online, and compares items and order.

    Args:
        recommender: Started, over the same store and models, with as many candidates.
        store: Where the answers are.
        run: Whose answers.
        context: What the request says of itself.
        k: Items in an answer.
        count: Users, at most.
        timeout_s: Of each trip.
        progress: Is told how many are compared, and of how many.
        chosen: How candidates were chosen, where not as a request's are; they are then given to the request.

    Raises:
        StoreError: The store failed.
        NotReproduced: A request was not answered online.
    """
    catalog = recommender.catalog
    if catalog is None or catalog.version != run.feature_version:
        raise StoreError(f"feature version {run.feature_version} is no longer the active one")
    buckets = await read_user_buckets(store, catalog, timeout_s)
    picked = random.Random(run.run).sample(buckets, min(count, len(buckets)))
    found = await store.read_hashes(
        [keys.batch_answers(run.feature_version, run.run, each) for each in picked], timeout_s
    )
    answers: list[tuple[Id, list[Id]]] = []
    for bucket, fields in zip(picked, found, strict=True):
        for field, items in fields.items():
            user = keys.user_at(bucket, field, catalog.user_ids)
            answers.append((user, catalog.numbers.ids(unpack_ids(items, catalog.id_width))))
    answers = random.Random(run.run).sample(answers, min(count, len(answers)))
    differing: list[tuple[Id, list[Id], list[Id]]] = []
    vectors = {} if chosen is None else chosen.factors.of([user for user, _ in answers if isinstance(user, int)])
    for done, (user, batch) in enumerate(answers, 1):
        candidates: list[Id] | None = None
        if chosen is not None and isinstance(user, int) and user in vectors:
            seen = (await read_user(store, catalog, user, [], timeout_s)).seen
            candidates = catalog.numbers.ids(chosen.factors.items.best(vectors[user], seen, chosen.count))
        reply = await recommender.recommend(Request(user, k, candidates, context, model=run.model))
        if reply.source != Source.ONLINE:
            raise NotReproduced(f"the request of user {user!r} was answered by {reply.source}: {reply.reason}")
        online = [each.item.item_id for each in reply.items]
        if online != batch:
            differing.append((user, batch, online))
        progress("users compared", done, len(answers))
    return Sample(len(answers), tuple(differing))
