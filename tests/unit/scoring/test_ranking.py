import math

import numpy as np

from pillion.scoring import rank, rank_classes

IDS = np.array([5, 3, 9, 1], dtype=np.int64)
NOTHING = np.zeros(0, dtype=np.int64)


def test_scores_fall_and_ties_go_to_the_smaller_id() -> None:
    ranked = rank(IDS, [0.5, 0.9, 0.5, 0.5], 3)

    assert ranked.items.tolist() == [3, 1, 5]
    assert ranked.scores.tolist() == [0.9, 0.5, 0.5]


def test_missing_nan_and_text_are_left_out_and_counted() -> None:
    ranked = rank(IDS, [None, math.nan, "x", 0.1], 10)

    assert (ranked.items.tolist(), ranked.unscored) == ([1], 3)


def test_infinite_scores_are_scores() -> None:
    assert rank(IDS, [math.inf, 0.0, -math.inf, 1.0], 4).items.tolist() == [5, 1, 3, 9]


def test_minus_zero_equals_zero() -> None:
    assert rank(IDS, [-0.0, 0.0, 0.0, -0.0], 4).items.tolist() == [1, 3, 5, 9]


def test_nothing_to_rank_is_nothing() -> None:
    assert rank(NOTHING, [], 5).items.tolist() == []


def test_classes_become_items() -> None:
    classes = {"probability(5)": 5, "probability(6)": 6, "probability(7)": 7}
    columns = {"probability(5)": [0.2], "probability(6)": [0.5], "probability(7)": [0.3]}

    assert rank_classes(classes, columns, None, NOTHING, 2).items.tolist() == [6, 7]
    assert rank_classes(classes, columns, np.array([5, 6, 99]), np.array([6]), 2).items.tolist() == [5]
