"""A golden case: a pipeline, the table that it is fitted on, and the columns that it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.ml import Estimator, Transformer

Stage = Estimator[Any] | Transformer


@dataclass(frozen=True, slots=True)
class Case:
    """What `make goldens` fits, exports and records.

    Attributes:
        name: of the folder under `data/`.
        table: see `golden.tables`.
        inputs: raw columns that a row to score has.
        stages: the unfitted pipeline's.
        label: the column that its model predicts; none where nothing does.
        rows: how many rows of the table it is fitted on.
        complete: whether it is fitted on rows without missing values only.
        sample: how many real rows are recorded.
        edges: values to try in addition, by input.
        recorder: the beginning of the version of XGBoost that records it, where that isn't the pinned one.
        since: the first version of Spark that has what it uses.
    """

    name: str
    table: str
    inputs: tuple[str, ...]
    stages: Sequence[Stage]
    label: str | None = "label"
    rows: int = 1500
    complete: bool = False
    sample: int = 60
    edges: Mapping[str, Sequence[float | int | str | None]] = field(default_factory=dict)
    recorder: str | None = None
    since: str = "3.5"


IRIS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
WINE = (
    "alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids",
    "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue", "od280_od315_of_diluted_wines", "proline",
)  # fmt: skip
CANCER = tuple(
    name.replace(" ", "_")
    for group in ("mean {}", "{} error", "worst {}")
    for name in (
        group.format(part)
        for part in (
            "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points",
            "symmetry", "fractal dimension",
        )
    )
)  # fmt: skip
DIABETES = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
DIGITS = tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8))
CONTEXT = ("hour", "weekday", "device", "country", "referrer")
NUMBERS = ("user_ratings", "user_liked_share", "item_likes", "item_mean_rating")
GENRES = ("genre_action", "genre_comedy", "genre_drama", "genre_thriller")
