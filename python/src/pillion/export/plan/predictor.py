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
    count = _classes(stage)
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


def _classes(stage: Stage) -> int:
    """The elements of a classifier's vectors; a binomial regression has two, whatever it was trained on."""
    trained = int(stage.java.numClasses())
    if trained > 1:
        return trained
    label, only = stage.saved.params["labelCol"], stage.classes(1)[0]
    stage.loses(
        f"its label {label!r} had the one class {only!r}, and PMML's classifiers tell at least two apart; train it with"
        " rows of another class"
    )
    binomial = stage.saved.kind == "LogisticRegressionModel" and not stage.saved.row["isMultinomial"]
    return 2 if binomial else 1


def regressor(stage: Stage, name: str, **attributes: object) -> Node:
    """Returns the node of a stage that makes a single column, `prediction`, of its features."""
    features, label = str(stage.saved.params["featuresCol"]), str(stage.saved.params["predictionCol"])
    node = element(name, features=features, prediction=label, **attributes)
    return Node(node, (features,), (label,), makes=(Made(label, "prediction"),))


def add_thresholds(stage: Stage, node: Node) -> None:
    """Adds the parameter `thresholds` where it is set."""
    if stage.saved.params.get("thresholds"):
        numbers(node.element, "thresholds", [float(value) for value in stage.saved.params["thresholds"]])
