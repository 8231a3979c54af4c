"""How the outputs of a converted document are made of Spark's columns."""

import re

from lxml.etree import _Element
from pyspark.sql.types import StructType

from pillion.export.plan.element import UnsupportedPlan
from pillion.export.plan.outputs import Output
from pillion.export.plan.stage import type_name
from pillion.export.pmml import PmmlDocument, model_of, tag

_PMML = tag("")
_INDEXED = re.compile(r"^(?P<column>.+?)\((?P<value>.*)\)$", re.DOTALL)


def document_outputs(document: PmmlDocument, schema: StructType) -> list[Output]:
    """Finds the column of each output: targets first, then output fields, each name once.

    Args:
        document: the PMML document.
        schema: Spark's columns after the last stage.

    Raises:
        UnsupportedPlan: an output isn't made of a column of Spark's.
    """
    model = model_of(document.root)
    if model is None:
        raise UnsupportedPlan("the document has no model")
    fields_of_data = document.root.iterfind(f"{_PMML}DataDictionary/{_PMML}DataField")
    values = {field.get("name"): _values(field) for field in fields_of_data}
    last = _last(model)
    own = _targets(last)
    classes = (*values.get(own[0], ()), *_unknown(last)) if own else _clusters(last)
    fields = _fields(model)
    finder = _Mean(schema, classes, fields) if _binomial(last) else _Finder(schema, classes, fields)
    targets = _targets(model)
    # A chain's earlier models have targets too, for which the whole has no value.
    found = {target: finder.target(target) if target in own else Output(target, None) for target in targets}
    for field in fields:
        name = str(field.get("name"))
        if name not in found:
            found[name] = finder.field(name)
    return list(found.values())


def _last(model: _Element) -> _Element:
    """The last model of a chain, and of a chain that is the last in a chain; else the model itself."""
    segmentation = model.find(f"{_PMML}Segmentation")
    if segmentation is None or segmentation.get("multipleModelMethod") != "modelChain":
        return model
    segments = segmentation.findall(f"{_PMML}Segment")
    last = model_of(segments[-1]) if segments else None
    return model if last is None else _last(last)


def _binomial(model: _Element) -> bool:
    """Whether it is a generalised linear model with two classes, of which Spark has the mean only."""
    return (model.tag, model.get("functionName")) == (f"{_PMML}GeneralRegressionModel", "classification")


def _targets(model: _Element) -> list[str]:
    return [
        str(field.get("name"))
        for field in model.iterfind(f"{_PMML}MiningSchema/{_PMML}MiningField")
        if field.get("usageType") in ("target", "predicted")
    ]


def _unknown(model: _Element) -> tuple[str, ...]:
    """What a model calls the class after all others, of labels that its indexer did not know and kept."""
    return tuple(
        str(field.get("invalidValueReplacement"))
        for field in model.iterfind(f"{_PMML}MiningSchema/{_PMML}MiningField")
        if field.get("usageType") in ("target", "predicted") and field.get("invalidValueTreatment") == "asValue"
    )


def _fields(model: _Element) -> list[_Element]:
    """The output fields of a model, those of a chain's last model first."""
    own: list[_Element] = model.findall(f"{_PMML}Output/{_PMML}OutputField")
    segmentation = model.find(f"{_PMML}Segmentation")
    if segmentation is None or segmentation.get("multipleModelMethod") != "modelChain":
        return own
    segments = segmentation.findall(f"{_PMML}Segment")
    last = model_of(segments[-1]) if segments else None
    return own if last is None else [*_fields(last), *own]


def _clusters(model: _Element) -> tuple[str, ...]:
    """What a clustering calls its clusters, which Spark numbers."""
    return tuple(str(cluster.get("id")) for cluster in model.iterfind(f"{_PMML}Cluster"))


def _values(field: _Element) -> tuple[str, ...]:
    return tuple(
        str(value.get("value"))
        for value in field.iterfind(f"{_PMML}Value")
        if value.get("property", "valid") == "valid"
    )


class _Finder:
    def __init__(self, schema: StructType, classes: tuple[str, ...], fields: list[_Element]) -> None:
        self._types = {column.name: type_name(column.dataType) for column in schema}
        self._classes = classes
        self._names = [str(field.get("name")) for field in fields]
        self._seen: dict[str, int] = {}

    def field(self, name: str) -> Output:
        if self._types.get(name, "vector") != "vector":
            return Output(name, name)
        match = _INDEXED.match(name)
        if match and self._types.get(match["column"]) == "vector":
            element = self._seen.get(match["column"], 0)
            self._seen[match["column"]] = element + 1
            return Output(name, match["column"], element=element)
        if match and match["column"] == "pmml" and match["value"] in self._types:
            return self._label(name, match["value"])
        raise UnsupportedPlan(f"the document's output {name!r} isn't a column of Spark's")

    def target(self, name: str) -> Output:
        labels = [match["value"] for match in map(_INDEXED.match, self._names) if match and match["column"] == "pmml"]
        predictions = [label for label in labels if label in self._types] or [
            column for column in self._names if self._types.get(column) in ("double", "integer")
        ]
        if not predictions:
            raise UnsupportedPlan(f"the document's target {name!r} isn't predicted by a column of Spark's")
        return self._label(name, predictions[-1])

    def _label(self, field: str, column: str) -> Output:
        return Output(field, column, classes=self._classes or None)


class _Mean(_Finder):
    """The outputs of a binomial generalised linear model: Spark's column is the probability of the second class."""

    def field(self, name: str) -> Output:
        column = self._column()
        if name == column:
            return self._label(name, column)
        match = _INDEXED.match(name)
        if match and match["column"] == "probability" and "probability" not in self._types:
            if match["value"] == self._classes[1]:
                return Output(name, column)
            if match["value"] == self._classes[0]:
                return Output(name, column, complement=True)
        return super().field(name)

    def target(self, name: str) -> Output:
        return self._label(name, self._column())

    def _label(self, field: str, column: str) -> Output:
        return Output(field, column, classes=self._classes, above=0.5)

    def _column(self) -> str:
        means = [name for name in self._names if self._types.get(name) == "double"]
        if not means or len(self._classes) != 2:
            raise UnsupportedPlan("the document's probabilities aren't made of a column of Spark's")
        return means[-1]
