"""The demo's metrics against scikit-learn's, and against formulas written out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score, roc_auc_score

from pillion.demo.evaluation import Protocol, auc, calibration_error


def ndcg_at(relevant: set[int], ranked: list[int], k: int) -> float:
    """Normalised discounted cumulative gain of the first `k` of `ranked`, binary relevance, in [0, 1].

    Source: K. Järvelin and J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques", ACM TOIS 20(4), 2002.
    """
    gain = sum(1.0 / np.log2(place + 2) for place, item in enumerate(ranked[:k]) if item in relevant)
    ideal = sum(1.0 / np.log2(place + 2) for place in range(min(k, len(relevant))))
    return float(gain / ideal) if ideal else 0.0


def recall_at(relevant: set[int], ranked: list[int], k: int) -> float:
    """The share of `relevant` found among the first `k` of `ranked`."""
    return len(relevant & set(ranked[:k])) / len(relevant) if relevant else 0.0


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=60))
def test_auc_is_sklearns_ties_and_all(pairs: list[tuple[bool, int]]) -> None:
    label = np.array([float(liked) for liked, _ in pairs])
    score = np.array([float(value) for _, value in pairs])
    if 0 < label.sum() < len(label):
        assert auc(label, score) == pytest.approx(roc_auc_score(label, score), abs=1e-12)


@given(st.permutations(range(12)), st.sets(st.integers(0, 11), min_size=1), st.integers(1, 12))
def test_ndcg_is_sklearns(order: list[int], relevant: set[int], k: int) -> None:
    truth = np.array([[float(item in relevant) for item in range(12)]])
    score = np.array([[float(-order.index(item)) for item in range(12)]])
    assert ndcg_at(relevant, list(order), k) == pytest.approx(ndcg_score(truth, score, k=k), abs=1e-12)


def test_calibration_error_of_a_known_table() -> None:
    probability = np.array([0.05] * 10 + [0.95] * 10)
    label = np.array([0.0] * 9 + [1.0] + [1.0] * 8 + [0.0] * 2)
    # bins 0 and 9 are each off by .05 and .15, and hold half of the rows each
    assert calibration_error(label, probability) == pytest.approx(0.5 * 0.05 + 0.5 * 0.15)


def test_the_protocol_judges_as_the_metrics_do_user_by_user() -> None:
    random = np.random.default_rng(3)
    items = np.arange(100, 160)
    pairs = pd.DataFrame(
        {
            "user_id": random.integers(1, 9, 400),
            "item_id": random.choice(items, 400),
            "rating": random.integers(1, 11, 400) / 2,
        }
    ).drop_duplicates(["user_id", "item_id"])
    before, test = pairs[:150], pairs[150:]
    protocol = Protocol(before, test, items)
    scores = random.random((len(protocol.users), len(items))).round(1)
    ndcg, recall = [], []
    for place, user in enumerate(protocol.users):
        seen = set(before[before["user_id"] == user]["item_id"])
        relevant = set(test[(test["user_id"] == user) & (test["rating"] >= 4)]["item_id"])
        open_items = [item for item in items.tolist() if item not in seen]
        ranked = sorted(open_items, key=lambda item: (-scores[place, item - 100], item))
        ndcg.append(ndcg_at(relevant, ranked, 10))
        recall.append(recall_at(relevant, ranked, 10))
    quality = protocol.judge(scores)
    assert quality.ndcg == pytest.approx(np.mean(ndcg), abs=1e-12)
    assert quality.recall == pytest.approx(np.mean(recall), abs=1e-12)


def test_the_best_unseen_candidates_of_a_first_phase_go_on_to_the_model() -> None:
    before = pd.DataFrame({"user_id": [1, 2], "item_id": [10, 40], "rating": [5.0, 5.0]})
    test = pd.DataFrame({"user_id": [1, 2], "item_id": [30, 20], "rating": [5.0, 4.0]})
    protocol = Protocol(before, test, np.array([10, 20, 30, 40]))
    scores = np.array([[9.0, 1.0, 2.0, 3.0], [4.0, 1.0, 2.0, 9.0]])

    popular = protocol.shortlist(np.array([4.0, 3.0, 2.0, 1.0]), scores, 2)
    own = protocol.shortlist(np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 2.0, 1.0, 3.0]]), scores, 2)

    out = -np.inf
    assert popular.tolist() == [[out, 1.0, 2.0, out], [4.0, 1.0, out, out]]
    assert own.tolist() == [[out, out, 2.0, 3.0], [out, 1.0, 2.0, out]]
