"""The demo's tables: what may not leak, what is kept apart, and how segments are shrunk."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pillion.demo import popularity, tables
from pillion.demo.data import Data, load_data
from pillion.demo.evaluation import last_context
from pillion.demo.movielens import load, split_by_time
from pillion.errors import ConfigurationError
from tools.checkout import ROOT

FOLDER = ROOT / "data" / "movielens"


@pytest.fixture(scope="module")
def data() -> Data:
    return load_data(FOLDER)


def test_the_split_is_by_time_within_each_user_and_loses_nothing(data: Data) -> None:
    assert len(data.early) + len(data.middle) + len(data.test) == len(load(FOLDER).ratings)
    last = data.before.groupby("user_id")["timestamp"].max()
    first = data.test.groupby("user_id")["timestamp"].min()
    assert (last.loc[first.index] <= first).all()


def test_the_generator_is_seeded_and_a_user_has_one_home(data: Data) -> None:
    again = load_data(FOLDER)
    pd.testing.assert_frame_equal(data.test, again.test)
    everything = pd.concat([data.before, data.test])
    share = everything.groupby("user_id")["country"].agg(lambda column: column.value_counts(normalize=True).iloc[0])
    assert share.mean() > 0.9


def test_hour_and_weekday_are_those_of_the_time_stamp(data: Data) -> None:
    row = data.test.iloc[0]
    moment = pd.Timestamp(row["timestamp"], unit="s", tz="UTC")
    assert (row["hour"], row["weekday"]) == (moment.hour, moment.weekday())


def test_a_negative_is_a_film_that_the_user_never_rated(data: Data) -> None:
    users = pd.DataFrame(0.0, index=pd.Index([], name="user_id"), columns=list(tables.USER_FEATURES))
    items = pd.DataFrame(0.0, index=pd.Index([], name="item_id"), columns=list(tables.ITEM_FEATURES))
    events = tables.ranker_events(data.middle, data.early, data.films, tables.Features(users, items), seed=1)
    drawn = events[~events["rated"]]
    known = pd.MultiIndex.from_frame(data.before[["user_id", "item_id"]])
    assert not pd.MultiIndex.from_frame(drawn[["user_id", "item_id"]]).isin(known).any()
    assert (drawn["label"] == 0.0).all()
    liked = int((data.middle["rating"] >= 4).sum())
    assert 1.9 * liked < len(drawn) <= 2 * liked


def test_the_context_for_judging_tells_nothing_of_the_test(data: Data) -> None:
    users = np.unique(data.test["user_id"])[:5]
    context = last_context(data.before, users)
    for user in users:
        own = data.before[data.before["user_id"] == user].sort_values(["timestamp", "item_id"])
        assert tuple(context.loc[user]) == tuple(own.iloc[-1][list(tables.CONTEXT)])


def _likes(pairs: list[tuple[str, int, int]]) -> pd.DataFrame:
    rows = [(country, "tv", item, 5.0) for country, item, count in pairs for _ in range(count)]
    return pd.DataFrame(rows, columns=["country", "device", "item_id", "rating"])


def test_shares_are_shares_and_a_segment_stands_between_its_own_counts_and_everybodys() -> None:
    likes = _likes([("DE", 1, 30), ("DE", 2, 10), ("FR", 1, 10), ("FR", 2, 50)])
    lists = popularity.fit(likes, likes)
    for share in lists.shares.values():
        assert share.sum() == pytest.approx(1.0)
    assert 0.4 < lists.shares["country=DE"].loc[1] < 0.75
    assert lists.counts("global") == [(2, 600_000), (1, 400_000)]


def test_segments_that_differ_are_trusted_more_than_segments_that_do_not() -> None:
    alike = _likes([(c, item, 500) for c in ("DE", "FR") for item in (1, 2)])
    apart = _likes([("DE", 1, 900), ("DE", 2, 100), ("FR", 1, 100), ("FR", 2, 900)])
    assert popularity.fit(apart, apart).strengths["country"] < popularity.fit(alike, alike).strengths["country"] or (
        popularity.fit(alike, alike).strengths["country"] == popularity.STRENGTHS[0]
    )
    assert popularity.fit(apart, apart).strengths["country"] == popularity.STRENGTHS[0]


def test_a_folder_without_the_tables_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"ratings\.csv\.gz"):
        load(tmp_path)


def test_splitting_breaks_ties_by_item() -> None:
    ratings = pd.DataFrame({"user_id": [1] * 5, "item_id": [5, 3, 1, 2, 4], "rating": 4.0, "timestamp": 7})
    early, middle, test = split_by_time(ratings, (0.6, 0.8))
    assert [list(part["item_id"]) for part in (early, middle, test)] == [[1, 2, 3], [4], [5]]
