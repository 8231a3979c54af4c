"""Feature stages."""

from typing import Any

from pillion.export.plan.element import UnsupportedPlan, add, element, join, text, texts
from pillion.export.plan.stage import Node, Stage, element_attributes


def string_indexer(stage: Stage) -> list[Node]:
    """`StringIndexerModel`; a column that isn't there is passed over, as Spark does."""
    saved = stage.saved
    invalid = saved.params["handleInvalid"]
    nodes = []
    columns = zip(
        saved.columns("inputCol", "inputCols"),
        saved.columns("outputCol", "outputCols"),
        saved.row["labelsArray"],
        strict=True,
    )
    for source, target, labels in columns:
        if not stage.has(source):
            continue
        node = element("stringIndexer", invalid=invalid)
        column = add(node, "column", in_=source, out=target)
        texts(column, labels)
        nodes.append(Node(node, (source,), (target,), filters=invalid == "skip"))
    return nodes


def one_hot_encoder(stage: Stage) -> list[Node]:
    """`OneHotEncoderModel`."""
    saved = stage.saved
    keep = saved.params["handleInvalid"] == "keep"
    nodes = []
    columns = zip(
        saved.columns("inputCol", "inputCols"),
        saved.columns("outputCol", "outputCols"),
        saved.row["categorySizes"],
        strict=True,
    )
    for source, target, categories in columns:
        # With `keep` there is one more category, for all that is invalid; with `dropLast` the last has no element.
        size = categories + (1 if keep else 0) - (1 if saved.params["dropLast"] else 0)
        node = element("oneHotEncoder", invalid="keep" if keep else "error")
        add(node, "column", in_=source, out=target, categories=categories, size=size)
        stage.vectors[target] = size
        nodes.append(Node(node, (source,), (target,)))
    return nodes


def bucketizer(stage: Stage) -> list[Node]:
    """`Bucketizer`, and what a `QuantileDiscretizer` fits to."""
    saved = stage.saved
    invalid = saved.params["handleInvalid"]
    several = "inputCols" in saved.given
    all_splits = saved.params["splitsArray"] if several else [saved.params["splits"]]
    nodes = []
    columns = zip(
        saved.columns("inputCol", "inputCols"), saved.columns("outputCol", "outputCols"), all_splits, strict=True
    )
    for source, target, splits in columns:
        node = element("bucketizer", invalid=invalid)
        add(node, "column", in_=source, out=target).text = join(float(split) for split in splits)
        nodes.append(Node(node, (source,), (target,), filters=invalid == "skip"))
    return nodes


def imputer(stage: Stage) -> list[Node]:
    """`ImputerModel`."""
    saved = stage.saved
    nodes = []
    columns = zip(saved.columns("inputCol", "inputCols"), saved.columns("outputCol", "outputCols"), strict=True)
    for source, target in columns:
        node = element("imputer", missing=float(saved.params["missingValue"]))
        add(node, "column", in_=source, out=target, surrogate=float(saved.row[source]))
        nodes.append(Node(node, (source,), (target,)))
    return nodes


def vector_assembler(stage: Stage) -> list[Node]:
    """`VectorAssembler`."""
    saved = stage.saved
    sources = [str(name) for name in saved.params["inputCols"]]
    target = str(saved.params["outputCol"])
    invalid = saved.params["handleInvalid"]
    node = element("vectorAssembler", invalid=invalid, out=target)
    size = 0
    for source in sources:
        add(node, "column", in_=source)
        size += stage.size(source) if stage.kind(source) == "vector" else 1
    stage.vectors[target] = size
    return [Node(node, tuple(sources), (target,), filters=invalid == "skip")]


def interaction(stage: Stage) -> list[Node]:
    """`Interaction`; which numbers are categories is in the columns' ML attributes."""
    saved = stage.saved
    sources = [str(name) for name in saved.params["inputCols"]]
    target = str(saved.params["outputCol"])
    node = element("interaction", out=target)
    size = 1
    for source in sources:
        attributes = stage.attributes(source)
        if stage.kind(source) == "vector":
            elements = element_attributes(attributes)
            if elements is None:
                raise UnsupportedPlan(f"{saved.uid} takes {source!r}, whose elements have no attributes")
            widths = [_width(item) for item in elements]
        else:
            widths = [_width(attributes)]
        add(node, "column", in_=source).text = join(widths)
        size *= sum(widths)
    stage.vectors[target] = size
    return [Node(node, tuple(sources), (target,))]


def _width(attribute: dict[str, Any]) -> int:
    if attribute.get("type") != "nominal":
        return 1
    if "vals" in attribute:
        return max(1, len(attribute["vals"]))
    if "num_vals" in attribute:
        return max(1, int(attribute["num_vals"]))
    raise UnsupportedPlan(f"the category {text(attribute.get('name', ''))!r} has no number of values")
