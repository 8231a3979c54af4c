"""The demo's own pipelines come out of the compiled engine with Spark's bits, edge rows included."""

import math
from typing import Any

import numpy as np
from pyspark.sql import SparkSession
from pyspark.sql.types import DoubleType, StringType, StructField, StructType

from pillion.demo import ranker, titles30
from pillion.demo.tables import FLAGS, ITEM_FEATURES, USER_FEATURES
from tests.support.exact import assert_exact, fit

_NUMBERS = [*USER_FEATURES, *ITEM_FEATURES, "hour", "weekday"]
_TEXTS = {"device": ["tv", "phone", "web"], "country": ["de", "us", "fr"], "referrer": ["search", "mail", "home"]}
_EDGES = (-0.0, 1e300, 5e-324, math.nan, -math.inf, None)


def _rows(count: int, seed: int) -> dict[str, list[Any]]:
    random = np.random.default_rng(seed)
    rows: dict[str, list[Any]] = {}
    for name in _NUMBERS:
        values = random.integers(0, 2, count).astype(float) if name in FLAGS else random.normal(size=count)
        rows[name] = [
            None if miss else float(value) for value, miss in zip(values, random.random(count) < 0.1, strict=True)
        ]
    rows["hour"] = [float(hour) for hour in random.integers(0, 24, count)]
    rows["weekday"] = [float(day) for day in random.integers(0, 7, count)]
    for name, texts in _TEXTS.items():
        rows[name] = [str(text) for text in random.choice(texts, count)]
    rows["label"] = [float(label) for label in random.integers(0, 2, count)]
    rows["item"] = [str(item) for item in random.integers(100, 107, count)]
    return rows


def _with_edges(rows: dict[str, list[Any]], names: list[str], seed: int) -> dict[str, list[Any]]:
    """Appends a row for each edge value of each field, the others as in some row."""
    random = np.random.default_rng(seed)
    count = len(rows["hour"])
    out = {name: list(values) for name, values in rows.items()}
    for name in names:
        for edge in ("\u2603", "", None) if name in _TEXTS else _EDGES:
            base = int(random.integers(0, count))
            for other, values in rows.items():
                out[other].append(edge if other == name else values[base])
    return out


def _schema(names: list[str]) -> StructType:
    return StructType([StructField(n, StringType() if n in (*_TEXTS, "item") else DoubleType()) for n in names])


def test_ranker_is_exact_on_ordinary_and_edge_rows(spark: SparkSession) -> None:
    schema = _schema([*_NUMBERS, *_TEXTS, "label"])
    rows = _rows(300, seed=1)
    model = fit(spark, ranker.build(), schema, rows)
    names = ["item_year", "user_factor_3", "hour", *_TEXTS]

    failed = assert_exact(spark, model, schema, _with_edges(_rows(60, seed=2), names, seed=3))

    assert failed > 0


def test_titles30_is_exact_on_ordinary_and_edge_rows(spark: SparkSession) -> None:
    schema = _schema([*titles30.INPUTS, "item"])
    rows = _rows(300, seed=1)
    model = fit(spark, titles30.build(), schema, rows)
    names = ["user_mean_rating", "weekday", *_TEXTS]

    failed = assert_exact(spark, model, schema, _with_edges(_rows(60, seed=2), names, seed=3))

    assert failed > 0
