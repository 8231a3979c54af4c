"""The demo: both models and the tables they need, trained on MovieLens from start to end.

Each user's ratings are cut by time into three parts, 60 / 20 / 20. The tables that the ranker is fitted with (counts,
tastes, ALS factors) come from the first part, and the ranker is fitted on the second, which ALS has not seen. Then the
tables are made anew from the first two parts, as a nightly job would, and everything is judged on the third.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from pillion.demo import popularity, ranker, tables, titles30
from pillion.demo.data import SEED, Data, load_data
from pillion.demo.evaluation import Evaluation, evaluate
from pillion.demo.project import write_project
from pillion.demo.tables import to_columns, to_frame
from pillion.errors import NotReproduced
from pillion.export.publish import Origin, prepare
from pillion.export.version import Version
from pillion.features import Contents, FeatureTable, write_contents
from pillion.scoring import ClassRanking, ScoreRanking

ARCHIVE = "contents.npz"
"""What the online store needs, beside the MovieLens tables."""
Progress = Callable[[str], None]
"""Is told what begins."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted model and the rows that its verification set is drawn from."""

    pipeline: PipelineModel
    rows: pd.DataFrame


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
    write_project(repository, path)
    folders = tuple(version.write_next(repository, name) for name, version in versions.items())
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
