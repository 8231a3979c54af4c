"""The demo's evaluation: full ranking over the catalog on the last fifth of each user's ratings, and calibration.

Every way of ranking is judged on the same users and candidates: those with a liked film among their last ratings, and
the whole catalog less what the user rated before. A film rated 4 or more is relevant.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import SparkSession
from pyspark.sql.functions import col

from pillion.demo import popularity, tables, titles30
from pillion.demo.catalog_ranking import score_catalog
from pillion.demo.data import SEED, Data
from pillion.demo.movielens import LIKED
from pillion.demo.tables import to_frame
from pillion.features.item_vectors import ItemVectors

K = 10
CANDIDATES = 200
"""How many items go on to the model where a request names none."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How well one way of ranking does: the means over users, and the share of the catalog that it shows."""

    ndcg: float
    recall: float
    coverage: float


class Protocol:
    """Users, candidates and relevance, the same for all that is compared.

    Args:
        before: ratings known before the test.
        test: ratings to predict.
        items: ids of the catalog, ascending, shape (m,).

    Attributes:
        users: ids of the judged users, ascending, shape (n,).
        items: ids of the catalog, shape (m,).
    """

    def __init__(self, before: pd.DataFrame, test: pd.DataFrame, items: npt.NDArray[np.int64]) -> None:
        liked = test[test["rating"] >= LIKED]
        self.users: npt.NDArray[np.int64] = np.unique(liked["user_id"].to_numpy())
        self.items = items
        self._seen = self._matrix(before[before["user_id"].isin(self.users)])
        self._relevant = self._matrix(liked)

    def _matrix(self, ratings: pd.DataFrame) -> npt.NDArray[np.bool_]:
        matrix = np.zeros((len(self.users), len(self.items)), dtype=bool)
        rows = np.searchsorted(self.users, ratings["user_id"].to_numpy())
        matrix[rows, np.searchsorted(self.items, ratings["item_id"].to_numpy())] = True
        return matrix

    def judge(self, scores: npt.NDArray[np.float64]) -> Quality:
        """Judges scores, float64, shape (n, m) or (m,); the higher the better, ties by item id."""
        open_scores = np.where(self._seen, -np.inf, scores)
        top = np.argsort(-open_scores, axis=1, kind="stable")[:, :K]
        hits = np.take_along_axis(self._relevant, top, axis=1)
        discounts = 1.0 / np.log2(np.arange(K) + 2.0)
        count = self._relevant.sum(axis=1)
        ideal = np.cumsum(discounts)[np.minimum(count, K) - 1]
        return Quality(
            float((hits @ discounts / ideal).mean()),
            float((hits.sum(axis=1) / count).mean()),
            len(np.unique(top)) / len(self.items),
        )

    def shortlist(
        self, first: npt.NDArray[np.float64], scores: npt.NDArray[np.float64], count: int
    ) -> npt.NDArray[np.float64]:
        """Scores of the best unseen candidates of a first phase, and of no others.

        Args:
            first: what the first phase goes by, float64, shape (n, m) or (m,); ties by item id.
            scores: the model's, float64, shape (n, m).
            count: how many candidates go on to the model.

        Returns:
            float64, shape (n, m); minus infinity where a candidate does not go on.
        """
        order = np.argsort(-np.where(self._seen, -np.inf, first), axis=1, kind="stable")[:, :count]
        kept = np.full_like(scores, -np.inf)
        np.put_along_axis(kept, order, np.take_along_axis(scores, order, axis=1), axis=1)
        return kept


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


@dataclass(frozen=True, slots=True)
class Calibration:
    """How good the ranker's probabilities are on the test part's events.

    Attributes:
        events: how many: the ratings, and two films never rated for each liked one.
        auc: area under the ROC curve.
        ece: expected calibration error, ten bins.
        rated_auc: the area among the films that were rated, liked against not liked.
    """

    events: int
    auc: float
    ece: float
    rated_auc: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the demo prints of its models.

    Attributes:
        users: judged users.
        films: candidates before a user's seen films are left out.
        ranking: quality by way of ranking; `popularity` and `ranker` are among them.
        calibration: of the ranker.
        titles: share of the liked top films that titles30 puts first, and in its first ten.
        strengths: of the segments' popularity lists.
    """

    users: int
    films: int
    ranking: dict[str, Quality]
    calibration: Calibration
    titles: tuple[float, float]
    strengths: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """All figures, for JSON."""
        return asdict(self)

    def missed(self) -> list[str]:
        """Returns the targets that are not met, one sentence each."""
        ndcg, base = self.ranking["ranker"].ndcg, self.ranking["popularity"].ndcg
        targets = [
            (ndcg >= 0.100, f"NDCG@10 is {ndcg:.4f}, not .100"),
            (ndcg >= 1.4 * base, f"NDCG@10 is {ndcg / base:.2f} times popularity's, not 1.4 times"),
            (self.calibration.auc >= 0.75, f"AUC is {self.calibration.auc:.3f}, not .75"),
            (self.calibration.ece <= 0.03, f"ECE is {self.calibration.ece:.3f}, not .03"),
        ]
        return [sentence for met, sentence in targets if not met]


def evaluate(
    session: SparkSession,
    data: Data,
    features: tables.Features,
    ranking: PipelineModel,
    titles: PipelineModel,
    lists: popularity.Lists,
    seed: int = SEED,
) -> Evaluation:
    """Judges the models on the test part, with `features` made from all that came before it."""
    protocol = Protocol(data.before, data.test, data.films["item_id"].to_numpy(np.int64))
    context = last_context(data.before, protocol.users)
    overall = _on_catalog(lists.shares["global"], protocol.items)
    by_country = {name: _on_catalog(share, protocol.items) for name, share in lists.shares.items() if name != "global"}
    quality = {"popularity": protocol.judge(overall)}
    for kind in popularity.KINDS:
        rows = np.stack([by_country.get(f"{kind}={value}", overall) for value in context[kind]])
        quality[f"popularity by {kind}"] = protocol.judge(rows)
    user_factors = features.users.loc[protocol.users, list(tables.USER_FACTORS)].fillna(0.0).to_numpy()
    item_factors = features.items.loc[protocol.items, list(tables.ITEM_FACTORS)].fillna(0.0).to_numpy()
    collaborative = user_factors @ item_factors.T
    quality["ALS"] = protocol.judge(collaborative)
    scores = score_catalog(session, ranking, features, context, protocol.items, seed)
    quality["ranker"] = protocol.judge(scores)
    by_products = _first_phase(features, protocol, overall)
    for name, first in (("most popular", overall), ("largest dot products", by_products)):
        quality[f"ranker on the {CANDIDATES} {name}"] = protocol.judge(protocol.shortlist(first, scores, CANDIDATES))
    return Evaluation(
        len(protocol.users),
        len(protocol.items),
        quality,
        _calibration(session, data, features, ranking, seed),
        _title_hits(session, data, features, titles),
        dict(lists.strengths),
    )


def last_context(before: pd.DataFrame, users: npt.NDArray[np.int64]) -> pd.DataFrame:
    """The CONTEXT of each user's last rating, indexed by `user_id`: it can tell nothing of what is to be predicted."""
    last = before.sort_values(["user_id", "timestamp", "item_id"], kind="stable").groupby("user_id").tail(1)
    return last.set_index("user_id").loc[users, list(tables.CONTEXT)]


def _first_phase(
    features: tables.Features, protocol: Protocol, overall: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """What the sidecar's first phase goes by, float64, shape (n, m): popularity for users without a vector."""
    elements = features.items.loc[protocol.items, list(tables.ITEM_FACTORS)].to_numpy(np.float32).T
    vectors = ItemVectors(protocol.items, np.ascontiguousarray(elements))
    users = features.users.loc[protocol.users, list(tables.USER_FACTORS)].to_numpy(np.float32)
    products = np.stack([vectors.products(user) if np.isfinite(user).all() else overall for user in users])
    return np.where(np.isnan(products), -np.inf, products.astype(np.float64))


def _on_catalog(share: "pd.Series[float]", items: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.asarray(share.reindex(items, fill_value=0.0), dtype=np.float64)


def _calibration(
    session: SparkSession, data: Data, features: tables.Features, model: PipelineModel, seed: int
) -> Calibration:
    events = tables.ranker_events(data.test, data.before, data.films, features, seed + 1)
    inputs = [*tables.USER_FEATURES, *tables.ITEM_FEATURES, *tables.CONTEXT]
    scored = model.transform(to_frame(session, events[[*inputs, "label", "rated"]]))
    rows = scored.select("label", "rated", vector_to_array(col("probability"))[1].alias("score")).toPandas()
    label, score, rated = rows["label"].to_numpy(), rows["score"].to_numpy(), rows["rated"].to_numpy()
    return Calibration(len(rows), auc(label, score), calibration_error(label, score), auc(label[rated], score[rated]))


def _title_hits(
    session: SparkSession, data: Data, features: tables.Features, model: PipelineModel
) -> tuple[float, float]:
    events = titles30.events(data.test, features, titles30.top_items(data.before))
    scored = model.transform(to_frame(session, events)).select("label", "probability").toPandas()
    probability = np.stack([vector.toArray() for vector in scored["probability"]])
    own = probability[np.arange(len(scored)), scored["label"].astype(int)]
    better = (probability > own[:, None]).sum(axis=1)
    return float((better < 1).mean()), float((better < 10).mean())
