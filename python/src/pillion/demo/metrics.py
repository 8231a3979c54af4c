"""Ranking and calibration metrics, in NumPy."""

import numpy as np
import pandas as pd


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


def auc(label: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve; ties count half. Both float64, shape (n,); labels 0 or 1."""
    rank = pd.Series(score).rank().to_numpy()
    positive = label == 1.0
    n, m = int(positive.sum()), int((~positive).sum())
    return float((rank[positive].sum() - n * (n + 1) / 2) / (n * m))


def calibration_error(label: np.ndarray, probability: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over equal-width bins.

    Source: M. Pakdaman Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015.
    """
    index = np.minimum((probability * bins).astype(int), bins - 1)
    gaps = [
        abs(label[index == b].mean() - probability[index == b].mean()) * float((index == b).mean())
        for b in range(bins)
        if (index == b).any()
    ]
    return float(sum(gaps))
