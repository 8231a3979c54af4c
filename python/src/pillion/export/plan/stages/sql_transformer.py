"""Spark's `SQLTransformer`: its SELECT as Spark's analyser understood it, with every cast and type made explicit."""

import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from pillion.export.plan import sql_arrays, sql_numbers, sql_text
from pillion.export.plan.element import Element, UnsupportedPlan, add, element
from pillion.export.plan.stage import Node, Stage

_TYPES = {
    "double", "float", "long", "integer", "short", "byte", "boolean", "string", "date", "timestamp", "timestamp_ntz",
}  # fmt: skip
_NAMES = {
    "Acos": "acos", "AddMonths": "addMonths", "And": "and", "ArrayContains": "contains", "Asin": "asin",
    "Atan": "atan", "Atan2": "atan2", "Cbrt": "cbrt", "Coalesce": "coalesce", "Concat": "concat", "ConcatWs": "join",
    "Cos": "cos", "Cosh": "cosh", "Cot": "cot", "Csc": "csc", "DateAdd": "dateAdd", "DateDiff": "dateDiff",
    "DateSub": "dateSub", "DayOfMonth": "dayOfMonth", "DayOfWeek": "dayOfWeek", "DayOfYear": "dayOfYear",
    "EqualNullSafe": "equalNullSafe", "EqualTo": "equal", "Exp": "exp", "Expm1": "expm1", "GreaterThan": "greater",
    "GreaterThanOrEqual": "greaterOrEqual", "Greatest": "greatest", "Hypot": "hypot", "In": "in", "IsNaN": "isNaN",
    "IsNotNull": "isNotNull", "IsNull": "isNull", "LastDay": "lastDay", "Least": "least", "Length": "length",
    "LessThan": "less", "LessThanOrEqual": "lessOrEqual", "Log": "ln", "Log10": "log10", "Log1p": "log1p",
    "Log2": "log2", "Logarithm": "log", "Month": "month", "NaNvl": "nanvl", "Not": "not", "Or": "or", "Pow": "pow",
    "Quarter": "quarter", "Reverse": "reverse", "Rint": "rint", "Sec": "sec", "Signum": "signum", "Sin": "sin",
    "Sinh": "sinh", "Sqrt": "sqrt", "StringInstr": "position", "StringLPad": "padLeft", "StringRPad": "padRight",
    "StringRepeat": "repeat", "Substring": "substring", "SubstringIndex": "substringIndex",
    "Tan": "tan", "Tanh": "tanh", "ToDegrees": "degrees",
    "ToRadians": "radians", "UnixDate": "unixDate", "WeekDay": "weekDay", "WeekOfYear": "weekOfYear", "Year": "year",
}  # fmt: skip
_REPLACED = {
    "Between", "CommonExpressionDef", "DatePart", "Extract", "IfNull", "NullIf", "NullIfZero", "Nvl", "Nvl2",
    "StringTrimBoth", "TryAdd", "TryDivide", "TryMod", "TryMultiply", "TrySubtract", "UnaryPositive", "ZeroIfNull",
}  # fmt: skip
"""Nodes that stand for their only child."""
_TRIMS = {"StringTrim": "trim", "StringTrimLeft": "trimLeft", "StringTrimRight": "trimRight"}


@dataclass
class _Tree:
    """A node of Catalyst's: its simple class name, its fields, its children, Spark's own object."""

    name: str
    fields: dict[str, Any]
    children: list["_Tree"]
    java: Any = None


def _attached(tree: _Tree, java: Any) -> _Tree:
    """Adds Spark's own objects to a tree: they know types and modes that its text leaves out."""
    tree.java = java
    inner = java.children()
    for place, child in enumerate(tree.children):
        _attached(child, inner.apply(place))
    return tree


def _parse(nodes: list[dict[str, Any]]) -> _Tree:
    """Catalyst writes a tree as its nodes in pre-order, each with the number of its children."""
    numbers = count()

    def read() -> _Tree:
        node = nodes[next(numbers)]
        children = [read() for _ in range(int(node["num-children"]))]
        return _Tree(node["class"].rsplit(".", 1)[-1], node, children)

    return read()


@dataclass
class _Select:
    """The columns of a SELECT while it is translated: Catalyst's ids and the plan's names for them."""

    stage: Stage
    ansi: bool
    names: dict[int, str]
    nodes: list[Node] = field(default_factory=list)
    hidden: int = 0
    problems: list[str] = field(default_factory=list)

    def internal(self) -> str:
        """A name for a column that no output has."""
        self.hidden += 1
        return f"#{self.stage.number}.{self.hidden}"

    def add(self, name: str, expression: Element, reads: set[str]) -> None:
        part = element("sqlTransformer", ansi=self.ansi)
        add(part, "column", name=name).append(expression)
        self.nodes.append(Node(part, tuple(sorted(reads)), (name,)))


def write(stage: Stage) -> list[Node]:
    """Writes `SQLTransformer`."""
    session = stage.session
    empty = session.createDataFrame([], stage.before)
    execution = stage.java.transform(empty._jdf).queryExecution()
    analyzed = execution.analyzed()
    plan = _attached(_parse(json.loads(analyzed.toJSON())), analyzed)
    ansi = str(session.conf.get("spark.sql.ansi.enabled")).lower() == "true"
    select = _Select(stage, ansi, {})
    _relation(plan, select)
    if select.problems:
        raise UnsupportedPlan(f"{'; '.join(select.problems)}; compute it before the pipeline, and give it as an input")
    # A column may hide one of its name that another still reads: first all under names of their own, then renamed.
    for name, inner in _outputs(plan, select).items():
        if name != inner:
            select.add(name, element("ref", name=inner), {inner})
    return select.nodes


def _outputs(plan: _Tree, select: _Select) -> dict[str, str]:
    if plan.name != "Project":
        return {}
    out = {}
    for item in plan.fields["projectList"]:
        tree = _parse(item)
        out[str(tree.fields["name"])] = select.names[_id(tree)]
    return out


def _relation(plan: _Tree, select: _Select) -> None:
    if plan.name in ("SubqueryAlias", "View"):
        _relation(plan.children[0], select)
    elif plan.name == "Project":
        _relation(plan.children[0], select)
        for place, item in enumerate(plan.fields["projectList"]):
            _project(_attached(_parse(item), plan.java.projectList().apply(place)), select)
    elif plan.name == "Filter":
        _relation(plan.children[0], select)
        reads: set[str] = set()
        condition = _expression(_attached(_parse(plan.fields["condition"]), plan.java.condition()), select, reads, {})
        part = element("sqlTransformer", ansi=select.ansi)
        add(part, "where").append(condition)
        select.nodes.append(Node(part, tuple(sorted(reads)), (), filters=True))
        select.stage.loses("its WHERE drops rows, which the model would answer; filter before the pipeline")
    elif plan.name in ("LogicalRDD", "LocalRelation", "LogicalRelation"):
        for item in plan.fields["output"]:
            tree = _parse(item)
            select.names[_id(tree)] = str(tree.fields["name"])
    else:
        raise UnsupportedPlan(
            f"{select.stage.saved.uid} has a {plan.name}, and a plan has SELECT and WHERE of one row alone; compute it"
            " before the pipeline, and give it as an input"
        )


def _project(tree: _Tree, select: _Select) -> None:
    if tree.name == "AttributeReference":
        return
    if tree.name != "Alias":
        raise UnsupportedPlan(f"{select.stage.saved.uid} selects a {tree.name}; select columns and expressions")
    child = tree.children[0]
    if child.name == "AttributeReference":
        select.names[_id(tree)] = _known(child, select)
        return
    reads: set[str] = set()
    name = select.internal()
    select.names[_id(tree)] = name
    try:
        expression = _expression(child, select, reads, {})
    except UnsupportedPlan as problem:  # the columns after it may have some, too
        select.problems.append(f"{problem}, in the column {tree.fields['name']!r}")
        return
    select.add(name, expression, reads)


def _id(tree: _Tree) -> int:
    return int(tree.fields["exprId"]["id"])


def _known(tree: _Tree, select: _Select) -> str:
    if _id(tree) not in select.names:
        raise UnsupportedPlan(f"{select.stage.saved.uid} refers to {tree.fields['name']!r}, which it doesn't select")
    return select.names[_id(tree)]


def _expression(tree: _Tree, select: _Select, reads: set[str], common: dict[str, Element]) -> Element:
    def translate(child: _Tree) -> Element:
        return _expression(child, select, reads, common)

    if tree.name == "AttributeReference":
        name = _known(tree, select)
        reads.add(name)
        return element("ref", name=name)
    if tree.name == "TypedNullLiteral":
        return _literal(None, sql_numbers.type_of(tree), select)
    kind = str(tree.fields["dataType"]) if tree.name == "Literal" else ""
    if kind in ("timestamp", "timestamp_ntz") and tree.fields["value"] is not None:
        # Catalyst's object has microseconds, its text a time of the machine's zone.
        return element("literal", type=kind, value=int(tree.java.value()))
    if tree.name == "Literal":
        return _literal(tree.fields["value"], str(tree.fields["dataType"]), select)
    if tree.name == "Cast":
        return _cast(tree, translate, select)
    if tree.name in _REPLACED:
        return translate(tree.children[0])
    if tree.name in sql_numbers.NAMES:
        return sql_numbers.write(tree, translate, select.stage)
    if tree.name == "With":
        inner = dict(common)
        for child in tree.children[1:]:
            inner[str(child.java.id())] = _expression(child, select, reads, inner)
        return _expression(tree.children[0], select, reads, inner)
    if tree.name == "CommonExpressionRef":
        return deepcopy(common[str(tree.java.id())])  # an element has one parent
    if tree.name == "If":
        condition, yes, no = map(translate, tree.children)
        return _case([(condition, yes)], no)
    if tree.name == "CaseWhen":
        parts = [translate(child) for child in tree.children]
        pairs = list(zip(parts[::2], parts[1::2], strict=False))
        return _case(pairs, parts[-1] if len(parts) % 2 else None)
    if tree.name in _TRIMS and len(tree.children) == 1:
        return _operation(_TRIMS[tree.name], [translate(tree.children[0])])
    if tree.name in sql_text.NAMES:
        return sql_text.write(tree, translate(tree.children[0]), select.stage)
    if tree.name in ("Size", "GetArrayItem", "ElementAt"):
        return sql_arrays.write(tree, translate(tree.children[0]), select.stage)
    if tree.name == "StringLocate":
        part, text, start = map(translate, tree.children)
        return _operation("position", [text, part, start])
    if tree.name == "Reverse" and sql_numbers.type_of(tree) != "string":
        raise UnsupportedPlan(f"{select.stage.saved.uid} reverses an array")
    if tree.name in _NAMES:
        return _operation(_NAMES[tree.name], [translate(child) for child in tree.children])
    raise UnsupportedPlan(f"{select.stage.saved.uid} has the expression {tree.name}")


def _operation(name: str, operands: list[Element]) -> Element:
    out = element(name)
    out.extend(operands)
    return out


def _case(branches: list[tuple[Element, Element]], otherwise: Element | None) -> Element:
    out = element("caseWhen")
    for condition, result in branches:
        add(out, "when").extend([condition, result])
    if otherwise is not None:
        add(out, "else").append(otherwise)
    return out


def _cast(tree: _Tree, translate: Any, select: _Select) -> Element:
    target = str(tree.fields["dataType"])
    child = tree.children[0]
    if child.name == "Literal" and str(child.fields["dataType"]) == "void":
        return _literal(None, target, select)
    if child.name == "RaiseError":
        kind = "decimal" if sql_numbers.is_decimal(target) else target
        return element("raise", type=kind, reason=_message(child))
    if target not in _TYPES and not sql_numbers.is_decimal(target):
        raise UnsupportedPlan(f"{select.stage.saved.uid} casts to {target}, a type that no plan has")
    is_decimal = child.name == "Literal" and str(child.fields["dataType"]).startswith("decimal")
    if is_decimal and child.fields["value"] is not None and target == "double":
        # The nearest double of a decimal, which Java's BigDecimal gives as well.
        return element("literal", type=target, value=float(Decimal(str(child.fields["value"]))))
    return sql_numbers.cast(tree, translate(child), select.stage)


def _message(tree: _Tree) -> str:
    """The constant text of an error that is raised; empty where it is computed."""
    texts = [node for node in _leaves(tree) if node.name == "Literal" and str(node.fields["dataType"]) == "string"]
    return str(texts[-1].fields["value"]) if texts else ""


def _leaves(tree: _Tree) -> list[_Tree]:
    return [leaf for child in tree.children for leaf in _leaves(child)] if tree.children else [tree]


def _literal(value: Any, kind: str, select: _Select) -> Element:
    if kind == "void":
        raise UnsupportedPlan(f"{select.stage.saved.uid} has a NULL without a type")
    if sql_numbers.is_decimal(kind):
        return element("literal", type="decimal", value=value)
    if kind not in _TYPES:
        raise UnsupportedPlan(f"{select.stage.saved.uid} has a constant of type {kind}")
    if value is None:
        return element("literal", type=kind)
    if kind == "date":
        return element("literal", type=kind, value=(date.fromisoformat(str(value)) - date(1970, 1, 1)).days)
    if kind in ("double", "float"):
        return element("literal", type=kind, value=float(value))
    return element("literal", type=kind, value=value)
