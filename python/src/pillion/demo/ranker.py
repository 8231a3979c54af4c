"""The demo's `ranker`: the probability that this user likes this film now, one `Pipeline` from raw columns on."""

from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import Imputer, Interaction, SQLTransformer, VectorAssembler

from pillion.demo.moment_stages import moment_stages
from pillion.demo.tables import FLAGS, ITEM_FACTORS, ITEM_NUMBERS, TASTES, USER_FACTORS, USER_NUMBERS

NUMBERS = USER_NUMBERS + ITEM_NUMBERS + TASTES + FLAGS
"""The inputs that have a weight each."""
ZEROED = ("item_likes", *TASTES, *FLAGS)
"""Those whose missing values are 0; those of the others are the training mean."""
IMPUTED = tuple(name for name in NUMBERS if name not in ZEROED)
CONTEXT_GENRES = (
    "genre_drama", "genre_comedy", "genre_thriller", "genre_action", "genre_romance", "genre_adventure",
    "genre_crime", "genre_horror", "genre_sci_fi", "genre_children", "genre_documentary", "genre_animation",
)  # fmt: skip


def _known(name: str) -> str:
    return f"{name}_known"


def build() -> Pipeline:
    """Returns the unfitted pipeline.

    Its inputs are USER_FEATURES, ITEM_FEATURES and CONTEXT of `tables`; its output is `probability`, whose
    second element is the score. A missing number is filled, with 0 or the training mean: a user without features still
    gets a score. No imputed input has another use than its imputed column: in PMML, as the converter writes it, the
    mean would replace the missing value there too. A number that can't be calculated with (NaN) makes the score NaN,
    and not an error of the whole job.
    """
    products = " + ".join(f"{u} * {i}" for u, i in zip(USER_FACTORS, ITEM_FACTORS, strict=True))
    filled = ", ".join(f"CASE WHEN {name} IS NULL THEN 0.0 ELSE {name} END AS {_known(name)}" for name in ZEROED)
    matches = " + ".join(f"{_known(t)} * {_known(f)}" for t, f in zip(TASTES, FLAGS, strict=True))
    likes = _known("item_likes")
    return Pipeline(
        stages=[
            SQLTransformer(
                statement=f"SELECT *, {products} AS factor_product,"
                " CASE WHEN factor_product IS NULL THEN 0.0 ELSE factor_product END AS collaborative,"
                f" {filled}, {matches} AS taste_match, {likes} * {likes} AS item_likes_squared FROM __THIS__"
            ),
            Imputer(inputCols=list(IMPUTED), outputCols=[_known(name) for name in IMPUTED], strategy="mean"),
            *moment_stages(),
            VectorAssembler(
                inputCols=[_known(name) for name in CONTEXT_GENRES], outputCol="context_genres", handleInvalid="keep"
            ),
            Interaction(inputCols=["device_hot", "context_genres"], outputCol="device_genre"),
            Interaction(inputCols=["daypart_hot", "context_genres"], outputCol="daypart_genre"),
            Interaction(inputCols=["weekend_hot", "context_genres"], outputCol="weekend_genre"),
            VectorAssembler(
                inputCols=[
                    "collaborative", "taste_match", "item_likes_squared", *[_known(name) for name in NUMBERS],
                    "country_hot", "referrer_hot", "device_genre", "daypart_genre", "weekend_genre",
                ],
                outputCol="features",
                handleInvalid="keep",
            ),
            LogisticRegression(labelCol="label", featuresCol="features", regParam=1e-4, maxIter=60),
        ]
    )  # fmt: skip
