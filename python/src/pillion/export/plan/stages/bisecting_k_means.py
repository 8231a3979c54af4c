"""Spark's `BisectingKMeans`."""

import json
from typing import Any

from pillion.export.plan.element import text
from pillion.export.plan.linalg import add_vector
from pillion.export.plan.predictor import regressor
from pillion.export.plan.stage import Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `BisectingKMeansModel`: the tree of its centres, each before its children."""
    saved = stage.saved
    # Inside the stage's data is a model of Spark's older library, with metadata of its own.
    lines = [line for part in (saved.folder / "data/metadata").glob("part-*") for line in part.read_text().splitlines()]
    rows = {int(row["index"]): row for row in saved.rows("data/data")}
    order = [int(json.loads(lines[0])["rootId"])]
    for index in order:
        order += map(int, rows[index]["children"])
    places = {index: place for place, index in enumerate(order)}
    node = regressor(
        stage, "bisectingKMeans", distance=saved.params["distanceMeasure"], nan_first=_keeps_first_at_nan(stage)
    )
    for index in order:
        centre = add_vector(node.element, rows[index]["center"])
        centre.set("norm", text(float(rows[index]["norm"])))
        if rows[index]["children"]:
            left, right = rows[index]["children"]
            centre.set("left", str(places[left]))
            centre.set("right", str(places[right]))
        else:
            centre.set("cluster", str(index))
    return [node]


def _keeps_first_at_nan(stage: Stage) -> bool | None:
    """Whether the first child is the nearer one where its distance is NaN; for Scala 2.13, NaN is the largest."""
    jvm: Any = stage.session._jvm
    return str(jvm.scala.util.Properties.versionNumberString()).startswith("2.12.") or None
