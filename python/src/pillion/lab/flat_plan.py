"""A Spark plan as scalar steps and one model after them: small enough for a program in any language.

Preparation is a list of steps, each of which makes one number of one or two numbers before it. Vectors are lists of
such numbers. The order of all additions is the plan's own, so a program that keeps it gives Spark's bits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np
import numpy.typing as npt
from lxml import etree

from pillion.errors import UnsupportedStage
from pillion.lab.flat_model import FlatModel, read_model
from pillion.parity.plan_elements import child_numbers, children_of, numbers_of, read_plan, tag_of
from pillion.scoring.plan_text import unescape

_LANES = "2"
_SPARSE_BYTES, _DENSE_BYTES = 12, 8
"""What Spark takes an element of a sparse and of a dense vector to need."""
Doubles = npt.NDArray[np.float64]
Form = Literal["compressed", "sparse", "dense"]


class Operation(IntEnum):
    """What a step does with the numbers `a` and `b`; `c` are its constants."""

    OTHERWISE = 0
    """`a`, or c[0] where it is missing."""
    ADD = 1
    MULTIPLY = 2
    BUCKET = 3
    """The number of the interval of the bounds `c` that `a` falls into; where it is missing, one more."""
    IS = 4
    """1 where `a` is c[0], else 0."""
    SCALE = 5
    """(a − c[0]) × c[1]."""
    CONSTANT = 6


@dataclass(frozen=True, slots=True)
class Field:
    """An input of the programs.

    Attributes:
        name: The model's input.
        vocabulary: Of a text, the texts that have a code, their positions; None of a number.
    """

    name: str
    vocabulary: tuple[str, ...] | None

    def code(self, value: object) -> float:
        """Returns what a program is given: the number, or a text's code; a missing number is NaN."""
        if self.vocabulary is None:
            return float("nan") if value is None else float(value)  # type: ignore[arg-type]
        return float(self.vocabulary.index(str(value))) if value in self.vocabulary else float(len(self.vocabulary))


@dataclass(frozen=True, slots=True)
class FlatPlan:
    """A plan for programs.

    Attributes:
        fields: The inputs; a program's row has one number for each.
        steps: int, shape (n, 5): operation, `a`, `b`, first constant, number of constants. Numbers 0 to
            `len(fields)` − 1 are the row's own, and each step makes the next one.
        constants: Of all steps.
        features: Which numbers are the vector that the model takes.
        sparse_below: A row with fewer elements other than zero is sparse: its products are added one by one.
        model: What takes the vector.
    """

    fields: tuple[Field, ...]
    steps: npt.NDArray[np.int64]
    constants: Doubles
    features: npt.NDArray[np.int64]
    sparse_below: float
    model: FlatModel

    def to_bytes(self) -> bytes:
        """Returns the plan as programs read it: arrays one after the other, each its length and float64 numbers."""
        about = [len(self.fields), self.sparse_below, self.model.rule, self.model.outputs, float(self.model.fused)]
        arrays: Sequence[npt.ArrayLike] = [about, self.steps.ravel(), self.constants, self.features, *self.model.arrays]
        parts = []
        for array in arrays:
            numbers = np.ascontiguousarray(array, dtype="<f8")
            parts += [np.array([numbers.size], dtype="<i8").tobytes(), numbers.tobytes()]
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class _Column:
    """Numbers that make a column: one, or a vector's elements in a form that Spark would choose."""

    numbers: tuple[int, ...]
    form: Form | None = None


def flatten(document: bytes, types: Mapping[str, str]) -> FlatPlan:
    """Returns a document's plan for programs.

    Args:
        document: The PMML.
        types: Of its inputs.

    Raises:
        UnsupportedStage: It has none, or a stage that programs have no steps for; names it.
    """
    plan = read_plan(document)
    if plan is None:
        raise UnsupportedStage("the document holds no plan of Spark's, which the programs compute")
    if plan.get("blas") != "VectorBLAS" or plan.get("lanes") != _LANES:
        raise UnsupportedStage(
            f"the plan adds as {plan.get('blas')} with {plan.get('lanes')} lanes does, and the programs with {_LANES}"
        )
    return _Flattener(plan, types).run()


class _Flattener:
    def __init__(self, plan: etree._Element, types: Mapping[str, str]) -> None:
        self._plan = plan
        self._types = types
        self._fields: list[Field] = []
        self._steps: list[tuple[int, int, int, int, int]] = []
        self._constants: list[float] = []
        self._columns: dict[str, _Column] = {}
        self._inputs = [_name(each, "name") for each in plan if tag_of(each) == "input"]
        self._vocabularies = self._find_vocabularies()

    def run(self) -> FlatPlan:
        """Walks the plan's stages up to the model."""
        for name in self._inputs:
            self._columns[name] = _Column((len(self._fields),))
            self._fields.append(Field(name, self._vocabularies.get(name)))
        stages = [each for each in self._plan if tag_of(each) not in ("input", "output")]
        for stage in stages[:-1]:
            known = self._STAGES.get(tag_of(stage))
            if known is None:
                raise UnsupportedStage(f"the programs have no steps for the stage {tag_of(stage)}")
            known(self, stage)
        model = read_model(stages[-1])
        features = self._columns.get(_name(stages[-1], "features"))
        if features is None or features.form is None:
            raise UnsupportedStage("the programs take a vector that stages before the model have made")
        size, overhead = len(features.numbers), int(_text(self._plan, "sparse-overhead"))
        limits: dict[Form, float] = {
            "compressed": (_DENSE_BYTES * size - overhead) / _SPARSE_BYTES, "sparse": size + 1.0, "dense": 0.0,
        }  # fmt: skip
        steps = np.array(self._steps, dtype=np.int64).reshape(-1, 5)
        return FlatPlan(
            tuple(self._fields), steps, np.array(self._constants), np.array(features.numbers), limits[features.form],
            model,
        )  # fmt: skip

    def _find_vocabularies(self) -> dict[str, tuple[str, ...]]:
        """The texts that a stage numbers, by input; a text that no stage numbers is of no use to a model."""
        found = {}
        for stage in self._plan:
            if tag_of(stage) == "stringIndexer":
                for column in children_of(stage, "column"):
                    name = _name(column, "in")
                    found[name] = tuple(unescape(each.text or "") for each in children_of(column, "v"))
        return found

    def _step(self, operation: Operation, a: int = 0, b: int = 0, constants: Sequence[float] = ()) -> int:
        self._steps.append((operation, a, b, len(self._constants), len(constants)))
        self._constants += constants
        return len(self._inputs) + len(self._steps) - 1

    def _column(self, name: str) -> _Column:
        found = self._columns.get(name)
        if found is None:
            raise UnsupportedStage(f"the programs do not have the column '{name}'")
        return found

    def _number(self, name: str) -> int:
        column = self._column(name)
        if column.form is not None:
            raise UnsupportedStage(f"the programs take the column '{name}' as a number, and it is a vector")
        if self._is_text(name):
            raise UnsupportedStage(f"the programs take the column '{name}' as a number, and it is text")
        return column.numbers[0]

    def _is_text(self, name: str) -> bool:
        return name in self._inputs and self._types.get(name) == "string"

    def _may_be_missing(self, number: int) -> bool:
        if number < len(self._fields):
            return self._fields[number].vocabulary is None
        operation, a, b, *_ = self._steps[number - len(self._fields)]
        if operation in (Operation.ADD, Operation.MULTIPLY):
            return self._may_be_missing(a) or self._may_be_missing(b)
        return operation == Operation.SCALE and self._may_be_missing(a)

    def _string_indexer(self, stage: etree._Element) -> None:
        for column in children_of(stage, "column"):
            name = _name(column, "in")
            if not self._is_text(name):
                raise UnsupportedStage(f"the programs number texts, and the column '{name}' is none")
            self._columns[_name(column, "out")] = self._columns[name]

    def _one_hot_encoder(self, stage: etree._Element) -> None:
        keep = stage.get("invalid") == "keep"
        for column in children_of(stage, "column"):
            source = self._column(_name(column, "in")).numbers[0]
            size, categories = int(_text(column, "size")), int(_text(column, "categories"))
            ones = [self._step(Operation.IS, source, constants=(float(each),)) for each in range(size)]
            if not keep and size > categories:
                raise UnsupportedStage("the programs do not know a one-hot encoder of that size")
            self._columns[_name(column, "out")] = _Column(tuple(ones), "sparse")

    def _vector_assembler(self, stage: etree._Element) -> None:
        numbers: list[int] = []
        for column in children_of(stage, "column"):
            numbers += self._column(_name(column, "in")).numbers
        self._columns[_name(stage, "out")] = _Column(tuple(numbers), "compressed")

    def _imputer(self, stage: etree._Element) -> None:
        if stage.get("missing") != "NaN":
            raise UnsupportedStage(f"the programs do not know an imputer that replaces {stage.get('missing')}")
        for column in children_of(stage, "column"):
            known = float(_text(column, "surrogate"))
            made = self._step(Operation.OTHERWISE, self._number(_name(column, "in")), constants=(known,))
            self._columns[_name(column, "out")] = _Column((made,))

    def _bucketizer(self, stage: etree._Element) -> None:
        for column in children_of(stage, "column"):
            bounds = numbers_of(column)
            made = self._step(Operation.BUCKET, self._number(_name(column, "in")), constants=bounds)
            self._columns[_name(column, "out")] = _Column((made,))

    def _interaction(self, stage: etree._Element) -> None:
        made: list[int] | None = None
        for column in reversed(children_of(stage, "column")):
            if set((column.text or "").split()) != {"1"}:
                raise UnsupportedStage("the programs multiply numbers in an interaction, and no indices")
            numbers = self._column(_name(column, "in")).numbers
            if any(self._may_be_missing(number) for number in numbers):
                # Spark multiplies no zeros of a sparse vector, and 0 × NaN would be another number than none.
                raise UnsupportedStage("the programs know no interaction of a number that may be missing")
            if made is None:
                made = list(numbers)
            else:
                made = [self._step(Operation.MULTIPLY, right, left) for left in numbers for right in made]
        self._columns[_name(stage, "out")] = _Column(tuple(made or ()), "compressed")

    def _split_values(self, stage: etree._Element) -> None:
        # What LightGBM's splits compare, it makes of the features itself.
        self._columns[_name(stage, "out")] = self._column(_name(stage, "in"))

    def _standard_scaler(self, stage: etree._Element) -> None:
        source = self._column(_name(stage, "in"))
        size = len(source.numbers)
        shifts, scales = child_numbers(stage, "shift"), child_numbers(stage, "scale")
        pairs = zip(shifts or [0.0] * size, scales or [1.0] * size, strict=True)
        made = [
            self._step(Operation.SCALE, number, constants=pair)
            for number, pair in zip(source.numbers, pairs, strict=True)
        ]
        self._columns[_name(stage, "out")] = _Column(tuple(made), "dense" if shifts else source.form)

    def _sql_transformer(self, stage: etree._Element) -> None:
        for column in children_of(stage, "column"):
            self._columns[_name(column, "name")] = _Column((self._expression(column[0]),))

    def _expression(self, node: etree._Element) -> int:
        kind, children = tag_of(node), list(node)
        if kind == "ref":
            name = _name(node, "name")
            if name in self._inputs and self._types.get(name) != "double":
                raise UnsupportedStage(f"the programs' expressions are of doubles, and the column '{name}' is none")
            return self._number(name)
        if kind == "literal" and node.get("type") == "double":
            return self._step(Operation.CONSTANT, constants=(float(_text(node, "value")),))
        if kind in ("add", "multiply") and len(children) == 2:
            a, b = (self._expression(child) for child in children)
            return self._step(Operation.ADD if kind == "add" else Operation.MULTIPLY, a, b)
        if kind == "caseWhen" and (known := _otherwise(node)) is not None:
            return self._step(Operation.OTHERWISE, self._expression(known[0]), constants=(known[1],))
        raise UnsupportedStage(f"the programs have no step for the SQL expression {kind}")

    _STAGES: Mapping[str, Callable[["_Flattener", etree._Element], None]] = {
        "stringIndexer": _string_indexer,
        "oneHotEncoder": _one_hot_encoder,
        "vectorAssembler": _vector_assembler,
        "imputer": _imputer,
        "bucketizer": _bucketizer,
        "interaction": _interaction,
        "splitValues": _split_values,
        "standardScaler": _standard_scaler,
        "sqlTransformer": _sql_transformer,
    }


def _otherwise(node: etree._Element) -> tuple[etree._Element, float] | None:
    """The column and the constant of `coalesce(column, constant)`; None where an expression is another one."""
    cases = [(tag_of(child), list(child)) for child in node]
    if [kind for kind, _ in cases] != ["when", "else"] or len(cases[0][1]) != 2:
        return None
    (test, value), (column, *_) = cases[0][1], cases[1][1]
    same = tag_of(test) == "isNull" and etree.tostring(test[0]).strip() == etree.tostring(column).strip()
    if not same or tag_of(value) != "literal" or value.get("type") != "double":
        return None
    return column, float(_text(value, "value"))


def _text(element: etree._Element, name: str) -> str:
    value = element.get(name)
    if value is None:
        raise UnsupportedStage(f"the programs know {tag_of(element)} with '{name}' alone")
    return str(value)


def _name(element: etree._Element, key: str) -> str:
    return unescape(_text(element, key))
