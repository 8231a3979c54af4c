"""The nodes of predictors: the columns that a classifier or a regressor takes and makes."""

from pillion.export.plan.element import element, numbers
from pillion.export.plan.stage import Made, Node, Stage


def classifier(stage: Stage, name: str, *, probability: bool = True, **attributes: object) -> Node:
    """Returns the node of a classifier, and notes the sizes of its vectors."""
    params = stage.saved.params
    features = str(params["featuresCol"])
    raw, share, label = (str(params.get(key, "")) for key in ("rawPredictionCol", "probabilityCol", "predictionCol"))
    share = share if probability else ""
    node = element(name, features=features, raw=raw, probability=share or None, prediction=label, **attributes)
    count = int(stage.java.numClasses())
    for column in (raw, share):
        if column:
            stage.vectors[column] = count
    makes = (Made(label, "prediction"), Made(share, "probability", stage.classes(count)), Made(raw, "other"))
    return Node(
        node,
        (features,),
        tuple(column for column in (raw, share, label) if column),
        makes=tuple(made for made in makes if made.column),
    )


def regressor(stage: Stage, name: str, **attributes: object) -> Node:
    """Returns the node of a stage that makes a single column, `prediction`, of its features."""
    features, label = str(stage.saved.params["featuresCol"]), str(stage.saved.params["predictionCol"])
    node = element(name, features=features, prediction=label, **attributes)
    return Node(node, (features,), (label,), makes=(Made(label, "prediction"),))


def add_thresholds(stage: Stage, node: Node) -> None:
    """Adds the parameter `thresholds` where it is set."""
    if stage.saved.params.get("thresholds"):
        numbers(node.element, "thresholds", [float(value) for value in stage.saved.params["thresholds"]])
