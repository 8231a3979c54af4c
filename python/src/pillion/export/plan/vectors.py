"""Stages that choose, index and rearrange the elements of a vector, and labels of indices."""

from pillion.export.plan.element import UnsupportedPlan, add, element, join, numbers, texts
from pillion.export.plan.saved import dense
from pillion.export.plan.stage import Node, Stage, element_attributes


def vector_slicer(stage: Stage) -> list[Node]:
    """`VectorSlicer`, by indices and then by names."""
    saved = stage.saved
    source = str(saved.params["inputCol"])
    indices = [int(index) for index in saved.params.get("indices") or ()]
    names = [str(name) for name in saved.params.get("names") or ()]
    if names:
        known = {item.get("name"): int(item["idx"]) for item in element_attributes(stage.attributes(source)) or ()}
        absent = [name for name in names if name not in known]
        if absent:
            raise UnsupportedPlan(f"{saved.uid} takes the element {absent[0]!r}, which {source!r} does not name")
        indices += [known[name] for name in names]
    return [_chosen(stage, source, indices)]


def selector(stage: Stage) -> list[Node]:
    """`ChiSqSelectorModel` and its like: the selected elements in their order."""
    saved = stage.saved
    return [_chosen(stage, str(saved.params["featuresCol"]), sorted(int(i) for i in saved.row["selectedFeatures"]))]


def _chosen(stage: Stage, source: str, indices: list[int]) -> Node:
    target = str(stage.saved.params["outputCol"])
    node = element("vectorSlicer", in_=source, out=target)
    numbers(node, "indices", indices)
    stage.vectors[target] = len(indices)
    return Node(node, (source,), (target,))


def vector_indexer(stage: Stage) -> list[Node]:
    """`VectorIndexerModel`; the categories of an element in the order of their indices."""
    saved = stage.saved
    source, target = str(saved.params["inputCol"]), str(saved.params["outputCol"])
    invalid = saved.params["handleInvalid"]
    node = element("vectorIndexer", invalid=invalid, in_=source, out=target)
    for index, categories in sorted(saved.row["categoryMaps"]):
        ordered = sorted(categories, key=lambda pair: int(pair[1]))
        add(node, "categories", element=int(index)).text = join(float(value) for value, _ in ordered)
    stage.vectors[target] = stage.size(source)
    return [Node(node, (source,), (target,), filters=invalid == "skip")]


def vector_size_hint(stage: Stage) -> list[Node]:
    """`VectorSizeHint`, whose column stays where it is."""
    saved = stage.saved
    column, size = str(saved.params["inputCol"]), int(saved.params["size"])
    if stage.size(column) != size:
        raise UnsupportedPlan(f"{saved.uid} expects vectors of size {size} in {column!r}, which has others")
    invalid = saved.params["handleInvalid"]
    node = element("vectorSizeHint", invalid=invalid, in_=column, out=column, size=size)
    return [Node(node, (column,), (column,), filters=invalid == "skip")]


def index_to_string(stage: Stage) -> list[Node]:
    """`IndexToString`; labels that were not given are in the column's ML attributes."""
    saved = stage.saved
    source, target = str(saved.params["inputCol"]), str(saved.params["outputCol"])
    labels = saved.params.get("labels") or stage.attributes(source).get("vals")
    if not labels:
        raise UnsupportedPlan(f"{saved.uid} takes {source!r}, whose labels aren't known")
    node = element("indexToString", in_=source, out=target)
    texts(node, [str(label) for label in labels])
    return [Node(node, (source,), (target,))]


def elementwise_product(stage: Stage) -> list[Node]:
    """`ElementwiseProduct`."""
    saved = stage.saved
    source, target = str(saved.params["inputCol"]), str(saved.params["outputCol"])
    factors = dense(saved.params["scalingVec"])
    node = element("elementwiseProduct", in_=source, out=target)
    numbers(node, "factors", factors)
    stage.vectors[target] = len(factors)
    return [Node(node, (source,), (target,))]
