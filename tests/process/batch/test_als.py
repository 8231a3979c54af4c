"""Candidates by ALS: chosen by the products of a saved model's vectors, and compared with requests that name them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession

from pillion.batch.factors import read_factors
from pillion.config import StoreSettings
from pillion.errors import ConfigurationError
from pillion.features.item_vectors import ItemVectors
from pillion.features.redis import open_store
from pillion.features.store_process import StoreProcess
from tests.support import batch_run, clinic

pytestmark = [pytest.mark.process, pytest.mark.spark, pytest.mark.timeout(300)]
_TOP = 5


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with StoreProcess() as process:
        batch_run.fill(process.url)
        yield process.url


@pytest.fixture(scope="module")
def als(spark: SparkSession, url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of what the demo's users up to 300 have seen."""
    sides = batch_run.sides(url, range(1, 301))
    pairs = [(user, int(item), 1.0) for user, side in sides.items() for item in side.seen]
    frame = spark.createDataFrame(pairs, "user int, item int, rating double")
    model = ALS(rank=4, maxIter=2, implicitPrefs=True, userCol="user", itemCol="item", seed=1).fit(frame)
    folder = tmp_path_factory.mktemp("als") / "model"
    model.save(folder.as_uri())
    return folder


def test_the_answers_are_the_best_of_what_als_chooses_and_cold_users_get_a_requests(
    spark: SparkSession, url: str, als: Path
) -> None:
    own = batch_run.run(spark, url, batch_run.request(candidates=_TOP, k=_TOP))
    before = batch_run.answers(url)
    asked = batch_run.request(candidates=_TOP, k=_TOP, als=als)
    run = batch_run.run(spark, url, asked)
    after = batch_run.answers(url)
    saved = read_factors(spark, als, batch_run.catalog_of(url))
    sides = batch_run.sides(url)

    assert (own.carried, run.carried) == (0, 0)
    for user, vector in saved.between(1, 671).items():
        products = {
            item: _product(vector.tolist(), saved.items.elements[:, at].tolist())
            for at, item in enumerate(saved.items.items.tolist())
            if item not in sides[user].seen
        }
        assert set(after[user] or []) == set(sorted(products, key=lambda item: (-products[item], item))[:_TOP])
    cold = [user for user in after if user > 300]
    assert all(after[user] == before[user] for user in cold)
    assert before != after
    assert batch_run.run(spark, url, asked).carried == 671


def _product(one: list[float], other: list[float]) -> float:
    """Added up from the first to the last, each step rounded to single precision."""
    total = np.float32(0)
    for a, b in zip(one, other, strict=True):
        total += np.float32(a) * np.float32(b)
    return float(total)


def test_equal_products_are_ordered_by_rising_id_and_seen_items_are_left_out() -> None:
    factors = ItemVectors(np.array([3, 5, 8, 9, 12]), np.array([[1.0, 2.0, 1.0, 1.0, 0.5]], dtype=np.float32))

    best = factors.best(np.array([2.0], dtype=np.float32), np.array([5, 100]), 2)

    assert best.tolist() == [3, 8]
    assert factors.best(np.array([2.0], dtype=np.float32), np.array([3]), 9).tolist() == [5, 8, 9, 12]


def test_a_folder_that_is_no_als_model_and_ids_of_text_are_refused(
    spark: SparkSession, url: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="is no saved ALSModel of Spark's"):
        read_factors(spark, tmp_path, batch_run.catalog_of(url))

    async def text() -> None:
        async with open_store(StoreSettings(url=url)) as store:
            await clinic.load(store)

    asyncio.run(text())
    with pytest.raises(ConfigurationError, match="need users and items whose ids are whole numbers"):
        read_factors(spark, tmp_path, batch_run.catalog_of(url))
    batch_run.fill(url)
