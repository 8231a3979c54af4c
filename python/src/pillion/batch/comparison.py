"""A sample of a run's answers beside what a request is answered with."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pillion.batch.job import BatchRun
from pillion.errors import NotReproduced, StoreError
from pillion.features import keys
from pillion.features.record_codec import unpack_ids
from pillion.features.redis import RedisStore
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
                f"{len(self.differing)} of {self.compared} answers differ from what a request gets; the first is user"
                f" {user!r}'s: batch has {batch}, online {online}"
            )


async def compare_sample(
    recommender: Recommender,
    store: RedisStore,
    run: BatchRun,
    context: Mapping[str, Value],
    k: int,
    count: int,
    timeout_s: float,
    progress: Progress,
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

    Raises:
        StoreError: The store failed.
        NotReproduced: A request was not answered online.
    """
    (packed,) = (await store.read([], [keys.buckets(run.feature_version)], timeout_s)).strings
    catalog = recommender.catalog
    if packed is None or catalog is None or catalog.version != run.feature_version:
        raise StoreError(f"feature version {run.feature_version} is no longer the active one")
    buckets = unpack_ids(packed, keys.BUCKET_WIDTH).tolist()
    chosen = random.Random(run.run).sample(buckets, min(count, len(buckets)))
    found = await store.read_hashes(
        [keys.batch_answers(run.feature_version, run.run, each) for each in chosen], timeout_s
    )
    answers: list[tuple[Id, list[Id]]] = []
    for bucket, fields in zip(chosen, found, strict=True):
        for field, items in fields.items():
            text = field.decode()
            user: Id = text if catalog.user_ids == "string" else bucket << keys.BUCKET_BITS | int(text)
            answers.append((user, catalog.numbers.ids(unpack_ids(items, catalog.id_width))))
    answers = random.Random(run.run).sample(answers, min(count, len(answers)))
    differing: list[tuple[Id, list[Id], list[Id]]] = []
    for done, (user, batch) in enumerate(answers, 1):
        reply = await recommender.recommend(Request(user, k=k, context=context, model=run.model))
        if reply.source != Source.ONLINE:
            raise NotReproduced(f"the request of user {user!r} was answered by {reply.source}: {reply.reason}")
        online = [each.item.item_id for each in reply.items]
        if online != batch:
            differing.append((user, batch, online))
        progress("users compared", done, len(answers))
    return Sample(len(answers), tuple(differing))
