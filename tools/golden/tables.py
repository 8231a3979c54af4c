"""The real tables that the golden cases are fitted on: MovieLens, and those that ship in scikit-learn's wheel."""

import functools
import json
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import (
    ArrayType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    StringType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from pillion.demo import tables as training
from pillion.demo.movielens import MovieLens, load, split_by_time
from pillion.demo.online_context import add_context
from pillion.tabular.forms import has_form, read
from pillion.types import Value
from tools.checkout import ROOT

SEED = 20261
MOVIELENS = ROOT / "data" / "movielens"
_TYPES = {
    "double": DoubleType(), "integer": IntegerType(), "string": StringType(), "date": DateType(),
    "timestamp": TimestampType(), "timestamp_ntz": TimestampNTZType(), "decimal(8,2)": DecimalType(8, 2),
    "array<string>": ArrayType(StringType()),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A table to fit and score on.

    Attributes:
        rows: the data; None or NaN in an object column, NaN in a float column, is missing; dates and the like as texts.
        types: Spark type by column, labels included.
        labels: columns that a model may predict, and that no row to score has.
    """

    rows: pd.DataFrame
    types: Mapping[str, str]
    labels: tuple[str, ...]

    def schema(self, columns: tuple[str, ...]) -> StructType:
        return StructType([StructField(name, _TYPES[self.types[name]], True) for name in columns])

    def frame(self, session: SparkSession, columns: tuple[str, ...], count: int, complete: bool) -> DataFrame:
        """The first `count` rows of some columns in one partition, so that a fit adds them up in one order.

        Where `complete`, those without a missing value only.
        """
        chosen = self.rows[list(columns)].head(count)
        if complete:
            chosen = chosen.dropna()
        kinds = [self.types[name] for name in columns]
        records = [
            tuple(_typed(cell(value), kind) for value, kind in zip(record, kinds, strict=True))
            for record in chosen.itertuples(index=False, name=None)
        ]
        return session.createDataFrame(records, self.schema(columns)).coalesce(1)


def cell(value: Any) -> Value:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    found: Value = value.item() if isinstance(value, np.generic) else value
    return found


def _typed(value: Value, kind: str) -> Any:
    return read(str(value), kind) if value is not None and has_form(kind) else value


def _name(text: str) -> str:
    return text.replace(" (cm)", "").replace("/", "_").replace(" ", "_")


def _bundled(load_name: str, label_names: bool) -> Table:
    from sklearn import datasets

    bunch = getattr(datasets, load_name)()
    columns = [_name(name) for name in bunch.feature_names]
    rows = pd.DataFrame(np.asarray(bunch.data, dtype=np.float64), columns=columns)
    rows["label"] = np.asarray(bunch.target, dtype=np.float64)
    types = dict.fromkeys(rows.columns, "double")
    labels: tuple[str, ...] = ("label",)
    if label_names:
        rows["kind"] = np.asarray(bunch.target_names, dtype=object)[bunch.target]
        types["kind"] = "string"
        labels += ("kind",)
    rows = rows.sample(frac=1.0, random_state=SEED).reset_index(drop=True)
    return Table(rows, types, labels)


def iris() -> Table:
    return _bundled("load_iris", True)


def wine() -> Table:
    return _bundled("load_wine", True)


def breast_cancer() -> Table:
    return _bundled("load_breast_cancer", True)


def diabetes() -> Table:
    return _bundled("load_diabetes", False)


def digits() -> Table:
    return _bundled("load_digits", False)


def events() -> Table:
    """The ranker's labelled events, with the features of user and film joined; some of them missing.

    Labels: `label` (liked, 0 or 1), `rating_class` (the film's mean rating cut in three, 0 to 2),
    `clicks` (a count: likes of the film, capped).
    """
    table = load(MOVIELENS)
    history, later, _ = split_by_time(add_context(table.ratings, table.films, SEED), (0.8, 0.9))
    rows = training.ranker_events(later, history, table.films, _features(table, history), SEED, negatives=1)
    rows = rows.drop(columns="rated").sample(n=4000, random_state=SEED).reset_index(drop=True)
    random = np.random.default_rng(SEED)
    for name in ("device", "referrer"):
        rows[name] = rows[name].where(random.random(len(rows)) > 0.02, None)
    for name in ("user_mean_rating", "item_year"):
        rows[name] = rows[name].where(random.random(len(rows)) > 0.03, np.nan)
    mean = rows["item_mean_rating"]
    rows["rating_class"] = np.digitize(mean, mean.quantile([0.33, 0.66])).astype(np.float64)
    rows["clicks"] = np.minimum(np.round(np.expm1(rows["item_likes"].fillna(0.0))), 40.0)
    types = {
        str(name): {"O": "string", "i": "integer"}.get(dtype.kind, "double") for name, dtype in rows.dtypes.items()
    }
    return Table(rows, types, ("label", "rating_class", "clicks"))


def _features(table: MovieLens, ratings: pd.DataFrame) -> training.Features:
    """The demo's features, but for factors that need no Spark: a singular value decomposition, rounded."""
    known = ratings[ratings.groupby("item_id")["rating"].transform("size") >= 5]
    matrix = known.pivot_table(index="user_id", columns="item_id", values="rating", fill_value=0.0)
    squares, vectors = np.linalg.eigh(matrix.to_numpy() @ matrix.to_numpy().T)
    left, values = vectors[:, : -training.RANK - 1 : -1], np.sqrt(squares[: -training.RANK - 1 : -1])
    user_factors = np.round(left * np.sqrt(values), 3) + 0.0
    item_factors = np.round(matrix.to_numpy().T @ left / np.sqrt(values), 3) + 0.0
    users = training._user_counts(ratings, table.films).join(
        pd.DataFrame(user_factors, matrix.index, list(training.USER_FACTORS))
    )
    items = training._item_counts(ratings, table.films).join(
        pd.DataFrame(item_factors, matrix.columns, list(training.ITEM_FACTORS))
    )
    return training.Features(users[list(training.USER_FEATURES)], items[list(training.ITEM_FEATURES)])


def films() -> Table:
    """Films: `title` text, `genres` (the list as text), `year`; label: whether the film is a drama."""
    rows = load(MOVIELENS).films[["title", "genres", "year"]].copy()
    rows["year"] = rows["year"].astype("float64")
    rows["label"] = rows["genres"].str.contains("Drama").astype(np.float64)
    rows["title"] = rows["title"].where(rows["title"].notna(), None)
    rows["plain"] = rows["title"].str.replace("[^A-Za-z0-9 ]+", "", regex=True)
    rows["plain"] = rows["plain"].where(rows["plain"].notna(), None)
    rows = rows.sample(n=3000, random_state=SEED).reset_index(drop=True)
    return Table(
        rows,
        {"title": "string", "plain": "string", "genres": "string", "year": "double", "label": "double"},
        ("label",),
    )


def ratings() -> Table:
    """Ratings of films, by users and items with whole numbers as ids, and as text when, and the user's first day."""
    rows = load(MOVIELENS).ratings
    at = pd.to_datetime(rows["timestamp"], unit="s")
    first = at.groupby(rows["user_id"]).transform("min")
    rows = rows.assign(at=at.dt.strftime("%Y-%m-%d %H:%M:%S"), since=first.dt.strftime("%Y-%m-%d"))
    rows = rows[["user_id", "item_id", "at", "since", "rating"]].astype({"rating": "float64"})
    rows = rows.sample(n=3000, random_state=SEED).reset_index(drop=True)
    types = {"user_id": "integer", "item_id": "integer", "at": "string", "since": "string", "rating": "double"}
    return Table(rows, types, ("rating",))


def purchases() -> Table:
    """Ratings as if each were a purchase.

    They have a time stamp, the same in no zone, a date, a price of two digits, and the film's genres.

    Labels: `rating`, and `label`, whether it is 4 or more.
    """
    table = ratings()
    films = load(MOVIELENS).films.set_index("item_id")["genres"]
    rows = table.rows
    listed = films.reindex(rows["item_id"]).reset_index(drop=True)
    tags = [json.dumps([g for g in str(text).split("|") if g], separators=(",", ":")) for text in listed]
    cents = (rows["item_id"] * 37 + rows["user_id"]) % 6
    rows = rows.assign(
        label=(rows["rating"] >= 4).astype(np.float64),
        at=rows["at"].str.replace(" ", "T") + "Z",
        clock=rows["at"].str.replace(" ", "T"),
        price=[f"{(199 + 125 * c) / 100:.2f}" for c in cents],
        tags=tags,
    ).drop(columns=["user_id", "item_id"])
    types = {
        "at": "timestamp", "clock": "timestamp_ntz", "since": "date", "price": "decimal(8,2)",
        "tags": "array<string>", "rating": "double", "label": "double",
    }  # fmt: skip
    return Table(rows, types, ("rating", "label"))


def named() -> Table:
    """Irises whose columns have dots, blanks and capitals in their names; label: `Kind`, as 0 to 2."""
    table = iris()
    names = {"sepal_length": "sepal.length", "sepal_width": "sepal width", "petal_length": "Petal", "label": "Kind"}
    rows = table.rows.drop(columns="kind").rename(columns=names)
    return Table(rows, dict.fromkeys(rows.columns, "double"), ("Kind",))


def one_class() -> Table:
    """Irises with labels of one value: `zero`, `one`, and the text `only`."""
    table = iris()
    rows = table.rows.drop(columns=["label", "kind"]).assign(zero=0.0, one=1.0, only="only")
    types = {name: kind for name, kind in table.types.items() if name in rows.columns}
    return Table(rows, {**types, "zero": "double", "one": "double", "only": "string"}, ("zero", "one", "only"))


_MAKERS: dict[str, Callable[[], Table]] = {
    maker.__name__: maker
    for maker in (iris, wine, breast_cancer, diabetes, digits, events, films, ratings, purchases, named, one_class)
}


@functools.cache
def table(name: str) -> Table:
    """The table of that name, made once a process; `events` is kept under build/ for the next one."""
    kept = ROOT / "build" / "golden" / f"{name}.pickle"
    if name == "events" and kept.is_file():
        return Table(*pickle.loads(kept.read_bytes()))
    made = _MAKERS[name]()
    if name == "events":
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps((made.rows, dict(made.types), made.labels)))
    return made
