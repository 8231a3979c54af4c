"""Spark's `ALS`."""

from pillion.export.plan.element import add, element, numbers
from pillion.export.plan.stage import Made, Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `ALSModel`: the factors of users and items, which are of single precision."""
    params = stage.saved.params
    user, item, label = (str(params[name]) for name in ("userCol", "itemCol", "predictionCol"))
    drop = str(params["coldStartStrategy"]).lower() == "drop"
    node = element("als", user=user, item=item, prediction=label, rank=int(stage.java.rank()), drop=drop)
    for name, part in (("users", "userFactors"), ("items", "itemFactors")):
        rows = sorted(stage.saved.rows(part), key=lambda row: int(row["id"]))
        child = add(node, name)
        numbers(child, "ids", [int(row["id"]) for row in rows])
        numbers(child, "values", [float(value) for row in rows for value in row["features"]])
    return [Node(node, (user, item), (label,), filters=drop, makes=(Made(label, "prediction"),))]
