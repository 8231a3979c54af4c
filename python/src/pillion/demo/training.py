"""The demo: both models and the tables they need, trained on MovieLens from start to end.

Each user's ratings are cut by time into three parts, 60 / 20 / 20. The tables that the ranker is fitted with (counts,
tastes, ALS factors) come from the first part, and the ranker is fitted on the second, which ALS has not seen. Then the
tables are made anew from the first two parts, as a nightly job would, and everything is judged on the third.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyspark.ml import PipelineModel
from pyspark.ml.functions import vector_to_array
from pyspark.sql import SparkSession
from pyspark.sql.functions import col

from pillion.demo import movielens, popularity, ranker, tables, titles30
from pillion.demo.catalog_ranking import score_catalog
from pillion.demo.evaluation import Protocol, Quality
from pillion.demo.frames import to_columns, to_frame
from pillion.demo.metrics import auc, calibration_error
from pillion.demo.online_context import add_context
from pillion.errors import NotReproduced
from pillion.export.publish import Origin, Version, prepare, publish
from pillion.features import Contents, FeatureTable, write_contents
from pillion.scoring import ClassRanking, ScoreRanking

SEED = 7
SHARES = (0.6, 0.8)
ARCHIVE = "contents.npz"
"""What the online store needs, beside the MovieLens tables."""
Progress = Callable[[str], None]
"""Is told what begins."""


@dataclass(frozen=True, slots=True)
class Data:
    """MovieLens with its online features, cut by time within each user.

    Attributes:
        films: the catalog, by item id.
        early: what ALS and the ranker's tables see.
        middle: what the ranker is fitted on.
        test: what everything is judged on.
    """

    films: pd.DataFrame
    early: pd.DataFrame
    middle: pd.DataFrame
    test: pd.DataFrame

    @property
    def before(self) -> pd.DataFrame:
        """All that is known before the test."""
        return pd.concat([self.early, self.middle], ignore_index=True)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model and the rows that its verification set is drawn from."""

    pipeline: PipelineModel
    rows: pd.DataFrame


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


def load_data(folder: Path, seed: int = SEED) -> Data:
    """Reads MovieLens and adds the online features."""
    table = movielens.load(folder)
    films = table.films.sort_values("item_id", ignore_index=True)
    early, middle, test = movielens.split_by_time(add_context(table.ratings, films, seed), SHARES)
    return Data(films, early, middle, test)


def fit_ranker(session: SparkSession, data: Data, features: tables.Features, seed: int = SEED) -> Fitted:
    """Fits the ranker on the middle part, with tables made from the early one."""
    events = tables.ranker_events(data.middle, data.early, data.films, features, seed)
    inputs = [*tables.USER_FEATURES, *tables.ITEM_FEATURES, *tables.CONTEXT]
    frame = to_frame(session, events[[*inputs, "label"]]).coalesce(2).cache()
    try:
        return Fitted(ranker.build().fit(frame), events[inputs])
    finally:
        frame.unpersist()


def fit_titles(session: SparkSession, data: Data, features: tables.Features) -> Fitted:
    """Fits titles30 on the middle part, with tables made from the early one."""
    events = titles30.events(data.middle, features, titles30.top_items(data.before))
    frame = to_frame(session, events[[*titles30.INPUTS, "item"]]).coalesce(2).cache()
    try:
        # any user at any moment is a row that the model can be asked for
        moments = data.middle[["user_id", *tables.CONTEXT]].reset_index(drop=True).join(features.users, on="user_id")
        return Fitted(titles30.build().fit(frame), moments[list(titles30.INPUTS)])
    finally:
        frame.unpersist()


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
    quality["ALS"] = protocol.judge(user_factors @ item_factors.T)
    quality["ranker"] = protocol.judge(score_catalog(session, ranking, features, context, protocol.items, seed))
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


def contents(data: Data, features: tables.Features, lists: popularity.Lists) -> Contents:
    """What the online store needs: features, titles and popularity lists, and what each user had seen."""
    titles = data.films.dropna(subset="title")
    seen: Any = data.before.groupby("user_id")["item_id"].apply(sorted).to_dict()
    return Contents(
        _feature_table(features.users),
        _feature_table(features.items),
        {name: lists.counts(name) for name in lists.shares},
        dict(zip(titles["item_id"].tolist(), titles["title"].tolist(), strict=True)),
        seen,
    )


def _feature_table(table: pd.DataFrame) -> FeatureTable:
    columns: dict[str, Any] = {str(name): table[name].to_numpy(np.float64) for name in table}
    return FeatureTable(table.index.tolist(), columns, nan_is_missing=True)


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


@dataclass(frozen=True, slots=True)
class Trained:
    """What the demo's training left behind.

    Attributes:
        folders: of the published versions.
        archive: the file with what the online store needs.
        evaluation: of the models; None where it wasn't wanted.
        versions: what was published, by model.
    """

    folders: tuple[Path, ...]
    archive: Path
    evaluation: Evaluation | None
    versions: dict[str, Version]


def train(
    session: SparkSession,
    data_folder: Path,
    repository: Path,
    jar: Path,
    *,
    archive: Path | None = None,
    seed: int = SEED,
    judge: bool = True,
    progress: Progress = lambda text: None,
) -> Trained:
    """Trains both models, judges them, and publishes them with what the online store needs.

    Args:
        session: Spark's.
        data_folder: has the MovieLens tables.
        repository: the model repository.
        jar: the sidecar's.
        archive: where the store's contents go; `ARCHIVE` in `data_folder` where None.
        seed: of everything that is random.
        judge: whether the models are evaluated.
        progress: is told what begins.

    Raises:
        ConfigurationError: the tables are missing, or nothing can be written.
        NotReproduced: no engine gives what Spark gives for a model; it is not published.
    """
    progress("reading MovieLens")
    data = load_data(data_folder, seed)
    progress("fitting ALS on the first 60 % of each user's ratings")
    early = tables.build_features(session, data.early, data.films, seed)
    progress("fitting the ranker on the next 20 %")
    ranking = fit_ranker(session, data, early, seed)
    progress("fitting titles30")
    titles = fit_titles(session, data, early)
    progress("fitting ALS on the first 80 %, for the online store")
    features = tables.build_features(session, data.before, data.films, seed)
    lists = popularity.fit(data.early, data.middle)
    evaluation = None
    if judge:
        progress("judging on the last 20 %")
        evaluation = evaluate(session, data, features, ranking.pipeline, titles.pipeline, lists, seed)
    versions = {
        "ranker": prepare(
            session, _origin(session, ranking, "label", "double"),
            jar=jar, name="ranker", ranking=ScoreRanking("probability(1)"), sources=_sources(ranking),
            seed=seed, keep_pipeline=True, progress=progress,
        ),
        "titles30": prepare(
            session, _origin(session, titles, "item", "string"),
            jar=jar, name="titles30", ranking=_classes(titles.pipeline), sources=_sources(titles),
            seed=seed, keep_pipeline=True, progress=progress,
        ),
    }  # fmt: skip
    progress("publishing")
    for name, version in versions.items():
        if version.cleared is None:
            raise NotReproduced(f"the model '{name}' is not published: {version.problem}")
    path = data_folder / ARCHIVE if archive is None else archive
    path.parent.mkdir(parents=True, exist_ok=True)
    write_contents(contents(data, features, lists), path)
    folders = tuple(publish(repository, name, version) for name, version in versions.items())
    return Trained(folders, path, evaluation, versions)


def _origin(session: SparkSession, fitted: Fitted, label: str, kind: str) -> Origin:
    schema = to_frame(session, fitted.rows.head(1)).schema.add(label, kind)
    return Origin(fitted.pipeline, schema, to_columns(fitted.rows), "events that the model was fitted on")


def _sources(fitted: Fitted) -> dict[str, str]:
    def source(name: str) -> str:
        return "online" if name in tables.CONTEXT else "item" if name in tables.ITEM_FEATURES else "user"

    return {name: source(name) for name in map(str, fitted.rows)}


def _classes(pipeline: PipelineModel) -> ClassRanking:
    stages: Any = pipeline.stages
    return ClassRanking({f"probability({item})": int(item) for item in stages[0].labels})
