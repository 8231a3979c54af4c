"""Spark's `FeatureHasher`."""

from typing import Any

from pillion.export.plan.element import UnsupportedPlan, add, element
from pillion.export.plan.java import version
from pillion.export.plan.stage import Node, Stage

_NUMBERS = ("double", "float", "long", "integer", "short", "byte")


def write(stage: Stage) -> list[Node]:
    """Writes `FeatureHasher`: its columns in the order in which Spark adds up those that meet."""
    params, target = stage.saved.params, stage.saved.output
    columns = [str(name) for name in params["inputCols"]]
    kinds = {name: stage.kind(name) for name in columns}
    for name, kind in kinds.items():
        if kind not in (*_NUMBERS, "string", "boolean"):
            raise UnsupportedPlan(f"{stage.saved.uid} takes {name!r} of type {kind}; cast it to double or string")
    chosen = [str(name) for name in params.get("categoricalCols") or [] if name in columns]
    categories = list(dict.fromkeys([name for name in columns if kinds[name] not in _NUMBERS] + chosen))
    size = int(params["numFeatures"])
    node = element("featureHasher", out=target, length=size, java=version(stage.session))
    for name in _difference(stage, columns, categories):
        add(node, "column", name=name, in_=name, category=False)
    for name in categories:
        add(node, "column", name=name, in_=name, category=True)
    stage.vectors[target] = size
    return [Node(node, tuple(dict.fromkeys(columns)), (target,))]


def _difference(stage: Stage, names: list[str], without: list[str]) -> list[str]:
    """The names that are left, in the order of Scala's set of them, which is Spark's."""
    jvm: Any = stage.session.sparkContext._jvm
    sequence = jvm.org.apache.spark.api.python.PythonUtils.toSeq
    left = getattr(sequence(names).toSet(), "$minus$minus")(sequence(without)).iterator()
    found = []
    while left.hasNext():
        found.append(str(left.next()))
    return found
