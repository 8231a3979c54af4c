"""Spark's `GaussianMixture`."""

from typing import Any

from pillion.export.plan.element import add, element, numbers
from pillion.export.plan.linalg import add_matrix
from pillion.export.plan.stage import Made, Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `GaussianMixtureModel`.

    Spark makes constants of each covariance matrix by its eigenvectors, which depend on the LAPACK of the machine.
    They are taken from the object that it predicts with.
    """
    params = stage.saved.params
    features, share, label = (str(params.get(key, "")) for key in ("featuresCol", "probabilityCol", "predictionCol"))
    node = element("gaussianMixture", features=features, probability=share or None, prediction=label or None)
    gaussians = list(stage.java.gaussians())
    for weight, gaussian in zip(stage.java.weights(), gaussians, strict=True):
        root, log, shift = _constants(stage, gaussian)
        child = add(node, "gaussian", weight=float(weight), log=log)
        add_matrix(child, root)
        numbers(child, "shift", shift)
    if share:
        stage.vectors[share] = len(gaussians)
    classes = tuple(map(str, range(len(gaussians))))
    makes = tuple(made for made in (Made(label, "prediction"), Made(share, "probability", classes)) if made.column)
    return [Node(node, (features,), tuple(made.column for made in makes), makes=makes)]


def _constants(stage: Stage, gaussian: Any) -> tuple[dict[str, Any], float, list[float]]:
    """The inverse root of the covariance matrix, the logarithm of the density's factor, the root times the mean."""
    context = stage.session.sparkContext
    jvm: Any = context._jvm
    gateway: Any = context._gateway
    method = gaussian.getClass().getDeclaredMethod("tuple", gateway.new_array(jvm.Class, 0))
    method.setAccessible(True)
    constants = method.invoke(gaussian, gateway.new_array(jvm.Object, 0))
    root = constants._1()
    saved = {
        "type": 1,
        "numRows": int(root.numRows()),
        "numCols": int(root.numCols()),
        "values": list(root.values()),
        "isTransposed": bool(root.isTransposed()),
    }
    return saved, float(constants._2()), list(constants._3().values())
