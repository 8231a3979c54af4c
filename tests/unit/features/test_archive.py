"""The archive of a feature version's contents: everything comes back as it was written."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillion.errors import ConfigurationError, InvalidInput
from pillion.features import Contents, FeatureTable, read_contents, write_contents
from pillion.types import Id
from tools.checkout import ROOT

DATA = ROOT / "data" / "movielens" / "contents.npz"
_numbers = st.one_of(
    st.none(),
    st.integers(-(10**6), 10**6).map(lambda n: n / 10_000),
    st.floats(allow_nan=False),
    st.sampled_from([0.0, -0.0, 1e300, math.inf, -math.inf, 5e-324, 2.0**31, -(2.0**31), 127.0, -128.0, 32767.0]),
)


def _contents(column: list[float | None]) -> Contents:
    table = FeatureTable(range(len(column)), {"a": column})
    return Contents(table, table, {"global": [(1, 5), (2**40, 3)], "country=DE": []}, {1: "Ü\u2603", 2: ""}, {})


@settings(max_examples=100, deadline=None)
@given(st.lists(_numbers, max_size=8))
def test_every_number_comes_back_with_its_bits_and_missing_ones_as_missing(
    tmp_path_factory: pytest.TempPathFactory, column: list[float | None]
) -> None:
    path = tmp_path_factory.mktemp("archive") / "contents.npz"
    write_contents(_contents(column), path)
    table = read_contents(path).users
    assert table.nan_is_missing
    values = np.asarray(table.columns["a"])
    expected = np.array([math.nan if value is None else value for value in column], dtype=np.float64)
    assert np.array_equal(np.isnan(expected), np.isnan(values))
    real = ~np.isnan(expected)
    assert expected[real].tobytes() == values[real].tobytes()


def test_lists_titles_and_seen_items_come_back(tmp_path: Path) -> None:
    table = FeatureTable([3, 1], {"a": [1.5, None]})
    seen: dict[Id, list[Id]] = {7: [5, 3, 2**40], 2: [], 9: [1]}
    contents = Contents(table, table, {"global": [(9, 4), (1, 2)]}, {3: "Heat", 1: "Ran"}, seen)
    write_contents(contents, tmp_path / "a.npz")
    write_contents(contents, tmp_path / "b.npz")
    read = read_contents(tmp_path / "a.npz")
    assert read.popularity == {"global": [(9, 4), (1, 2)]}
    assert read.titles == {3: "Heat", 1: "Ran"}
    assert read.seen == {7: [3, 5, 2**40], 2: [], 9: [1]}
    assert list(read.items.ids) == [3, 1]
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_column_of_text_is_refused_by_name(tmp_path: Path) -> None:
    table = FeatureTable([1], {"device": ["tv"]})
    with pytest.raises(InvalidInput, match="device"):
        write_contents(Contents(table, table, {"global": []}), tmp_path / "a.npz")


@pytest.mark.parametrize("content", [None, b"", b"not an archive", b"PK\x03\x04 cut short"])
def test_an_archive_that_is_absent_or_damaged_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "contents.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"contents\.npz"):
        read_contents(path)


def test_an_archive_cut_short_is_named(tmp_path: Path) -> None:
    write_contents(_contents([1.0, 2.0]), tmp_path / "whole.npz")
    whole = (tmp_path / "whole.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigurationError, match=r"cut\.npz"):
        read_contents(tmp_path / "cut.npz")
