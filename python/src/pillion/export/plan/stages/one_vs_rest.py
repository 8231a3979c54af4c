"""Spark's `OneVsRest`."""

from dataclasses import replace

from pillion.export.plan.element import UnsupportedPlan, add, element
from pillion.export.plan.saved import Saved
from pillion.export.plan.stage import Made, Node, Stage


def write(stage: Stage) -> list[Node]:
    """Writes `OneVsRestModel`: a classifier for each class, and the comparison of their raw predictions."""
    # Its models may be of any kind that has a writer.
    from pillion.export.plan.stages import WRITERS

    saved = stage.saved
    nodes = []
    sources = []
    for index, java in enumerate(stage.java.models()):
        inner = Saved.read(saved.folder / f"model_{index}")
        if inner.kind not in WRITERS:
            raise UnsupportedPlan(f"{saved.uid} has a {inner.kind}, for which plans have no element")
        source = f"#{stage.number}.{index}"
        columns = {
            "featuresCol": saved.params["featuresCol"],
            "rawPredictionCol": source,
            "probabilityCol": "",
            "predictionCol": "",
        }
        own = replace(inner, params={**inner.params, **columns}, given=inner.given | columns.keys())
        nodes += [replace(node, makes=()) for node in WRITERS[inner.kind](replace(stage, saved=own, java=java))]
        sources.append(source)
    raw, label = (str(saved.params.get(name, "")) for name in ("rawPredictionCol", "predictionCol"))
    # The transform in Python of Spark 3 and 4.0 takes the first classifier's number for the largest to begin with.
    first = stage.session.version.startswith(("3.", "4.0.")) or None
    node = element("oneVsRest", raw=raw or None, prediction=label or None, starts_with_first=first)
    for source in sources:
        add(node, "column", in_=source)
    if raw:
        stage.vectors[raw] = len(sources)
    makes = tuple(made for made in (Made(label, "prediction"), Made(raw, "other")) if made.column)
    return [*nodes, Node(node, tuple(sources), tuple(made.column for made in makes), makes=makes)]
