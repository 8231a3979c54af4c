"""Spark SQL's functions of numbers, dates and time stamps, whose types or modes Catalyst's node itself knows."""

import re
from collections.abc import Callable
from typing import Any

from pillion.export.plan import time_patterns
from pillion.export.plan.element import Element, UnsupportedPlan, element
from pillion.export.plan.java import version
from pillion.export.plan.stage import Stage

Translate = Callable[[Any], Element]

_DECIMAL = re.compile(r"^decimal\((\d+),(\d+)\)$")
_ARITHMETIC = {
    "Add": "add", "Subtract": "subtract", "Multiply": "multiply", "Divide": "divide", "IntegralDivide": "div",
    "Remainder": "remainder", "Pmod": "pmod",
}  # fmt: skip
_ROUNDING = {"Round": "round", "BRound": "bround", "RoundFloor": "roundFloor", "RoundCeil": "roundCeil"}
_ZONED = {"Hour": "hour", "Minute": "minute", "Second": "second"}
_LEVELS = {
    "year": "year", "yyyy": "year", "yy": "year", "quarter": "quarter", "month": "month", "mm": "month",
    "mon": "month", "week": "week", "day": "day", "dd": "day", "hour": "hour", "minute": "minute", "second": "second",
}  # fmt: skip
_TEXT_TO = {"ParseToDate": "date", "ParseToTimestamp": "timestamp"}
_ZONELESS = "timestamp_ntz"
_TO_SECONDS = ("UnixTimestamp", "ToUnixTimestamp")
NAMES = frozenset(
    {
        *_ARITHMETIC, *_ROUNDING, *_ZONED, *_TEXT_TO, "Abs", "UnaryMinus", "Floor", "Ceil", "MonthsBetween",
        "TimestampDiff", "TruncDate", "TruncTimestamp", "DateFormatClass", *_TO_SECONDS,
    }
)  # fmt: skip
"""Simple names of Catalyst's nodes."""


def write(tree: Any, translate: Translate, stage: Stage) -> Element:
    """Returns the element of a function.

    Args:
        tree: Catalyst's node; its name is one of `NAMES`, and `java` is Spark's own object.
        translate: writes a child.
        stage: the SQLTransformer.

    Raises:
        UnsupportedPlan: an argument has a form that plans have no element for.
    """
    name = tree.name
    if name in _ARITHMETIC:
        return _around(_ARITHMETIC[name], map(translate, tree.children), **_digits(tree), **_mode(tree, stage))
    if name in ("Abs", "UnaryMinus"):
        return _around(
            "abs" if name == "Abs" else "negate",
            map(translate, tree.children),
            **_on_error(bool(tree.fields["failOnError"]), stage),
        )
    if name in _ROUNDING:
        places = int(_constant(tree, tree.children[1], stage))
        mode = {} if name in ("RoundFloor", "RoundCeil") else _on_error(bool(tree.fields["ansiEnabled"]), stage)
        return _around(_ROUNDING[name], [translate(tree.children[0])], places=places, **_digits(tree), **mode)
    if name in ("Floor", "Ceil"):
        kind = _type(tree.children[0])
        if _DECIMAL.match(kind):
            rounding = "roundFloor" if name == "Floor" else "roundCeil"
            return _around(rounding, [translate(tree.children[0])], places=0, **_digits(tree))
        return translate(tree.children[0]) if kind == "bigint" else _around(name.lower(), [translate(tree.children[0])])
    if name in _ZONED:
        if _type(tree.children[0]) == _ZONELESS:
            return _around(_ZONED[name], [_in_utc(translate(tree.children[0]))], zone="UTC")
        return _around(_ZONED[name], map(translate, tree.children), zone=_zone(tree))
    if name in _TEXT_TO:
        return _read(tree, translate, stage)
    if name == "MonthsBetween":
        rounded = _constant(tree, tree.children[2], stage) == "true"
        return _around("monthsBetween", map(translate, tree.children[:2]), rounded=rounded, zone=_zone(tree))
    if name == "TimestampDiff":
        unit = str(tree.fields["unit"]).upper()
        return _around("timestampDiff", map(translate, tree.children), unit=unit, zone=_zone(tree))
    if name == "TruncDate":
        return _around("truncDate", [translate(tree.children[0])], to=_level(tree, tree.children[1], stage))
    if name == "TruncTimestamp":
        level = _level(tree, tree.children[0], stage)
        return _around("truncTimestamp", [translate(tree.children[1])], to=level, zone=_zone(tree))
    if name == "DateFormatClass":
        pattern = time_patterns.written(_constant(tree, tree.children[1], stage), stage)
        return _around("formatTime", [translate(tree.children[0])], pattern=pattern, zone=_zone(tree))
    if name in _TO_SECONDS and _type(tree.children[0]) == "string":
        return _read_by(tree, translate, stage, "long")
    if name in _TO_SECONDS and _type(tree.children[0]) in ("date", "timestamp"):
        return _around("unixTime", [translate(tree.children[0])], zone=_zone(tree))
    if name in _TO_SECONDS and _type(tree.children[0]) == _ZONELESS:
        return _around("unixTime", [_in_utc(translate(tree.children[0]))], zone="UTC")
    raise UnsupportedPlan(f"{stage.saved.uid} has the expression {name} of {_type(tree.children[0])}")


def _in_utc(clock: Element) -> Element:
    """What a clock shows, as the instant at which one in UTC shows it."""
    return _around("cast", [clock], type="timestamp", zone="UTC")


def cast(tree: Any, operand: Element, stage: Stage) -> Element:
    """Returns the element of a `Cast`; whether plans can say it is known already."""
    target = str(tree.fields["dataType"])
    decimal = _DECIMAL.match(target)
    types = {_type(tree.children[0]), target}
    if types == {"string", _ZONELESS} and target == _ZONELESS:
        raise UnsupportedPlan(f"{stage.saved.uid} casts a text to {_ZONELESS}; cast it to timestamp")
    return _around(
        "cast",
        [operand],
        type="decimal" if decimal else target,
        precision=decimal[1] if decimal else None,
        scale=decimal[2] if decimal else None,
        zone=_zone(tree) if "timestamp" in types else None,
        java=version(stage.session) if target == "string" and types & {"double", "float"} else None,
        **_mode(tree, stage),
    )


def type_of(tree: Any) -> str:
    """The type of a node's values, by the name that plans and Catalyst's literals have for it."""
    name = _type(tree)
    return {"tinyint": "byte", "smallint": "short", "int": "integer", "bigint": "long"}.get(name, name)


def is_decimal(kind: str) -> bool:
    """Whether a name is one of Spark's decimal types."""
    return _DECIMAL.match(kind) is not None


def _around(name: str, operands: Any, /, **attributes: object) -> Element:
    out = element(name, **attributes)
    out.extend(operands)
    return out


def _type(tree: Any) -> str:
    return str(tree.java.dataType().catalogString())


def _digits(tree: Any) -> dict[str, object]:
    """Precision and scale of a decimal result."""
    decimal = _DECIMAL.match(_type(tree))
    return {"precision": decimal[1], "scale": decimal[2]} if decimal else {}


def _mode(tree: Any, stage: Stage) -> dict[str, object]:
    return _unusual(str(tree.java.evalMode().toString()).lower(), stage)


def _unusual(mode: str, stage: Stage) -> dict[str, object]:
    """What is done where there is no result, if it isn't what the session does."""
    ansi = str(stage.session.conf.get("spark.sql.ansi.enabled")).lower() == "true"
    return {} if mode == ("ansi" if ansi else "legacy") else {"eval": mode}


def _on_error(fails: bool, stage: Stage) -> dict[str, object]:
    return _unusual("ansi" if fails else "legacy", stage)


def _zone(tree: Any) -> str:
    return str(tree.fields["timeZoneId"])


def _level(tree: Any, child: Any, stage: Stage) -> str:
    level = _constant(tree, child, stage).lower()
    whole_days = tree.name == "TruncDate"
    if level not in _LEVELS or (whole_days and _LEVELS[level] in ("day", "hour", "minute", "second")):
        raise UnsupportedPlan(f"{stage.saved.uid} truncates to {level!r}, for which plans have no element")
    return _LEVELS[level]


def _read(tree: Any, translate: Translate, stage: Stage) -> Element:
    """A date or time stamp of a text; without a pattern Spark's node stands for a cast."""
    target = _TEXT_TO[tree.name]
    kind = _type(tree.children[0])
    if kind == target:
        return translate(tree.children[0])
    if len(tree.children) > 1 and kind == "string" and str(tree.fields.get("dataType", target)) == target:
        return _read_by(tree, translate, stage, target)
    if kind not in ("string", "date", "timestamp", _ZONELESS) or str(tree.fields.get("dataType", target)) != target:
        raise UnsupportedPlan(f"{stage.saved.uid} reads dates of {kind}")
    return _around(
        "cast", [translate(tree.children[0])], type=target, zone=_zone(tree), **_on_error(_fails(tree), stage)
    )


def _read_by(tree: Any, translate: Translate, stage: Stage, target: str) -> Element:
    """What a text means by a pattern: a date, a time stamp, or as `long` seconds since 1970."""
    fails = _fails(tree)
    pattern = time_patterns.read(_constant(tree, tree.children[1], stage), stage)
    return _around(
        "readTime",
        [translate(tree.children[0])],
        type=target,
        pattern=pattern,
        zone=_zone(tree),
        fails_by_spark_2=(not fails and time_patterns.fails_by_spark_2(stage)) or None,
        **_on_error(fails, stage),
    )


def _fails(tree: Any) -> bool:
    """Whether a text that can't be read fails its row."""
    return bool(tree.fields.get("ansiEnabled", tree.fields.get("failOnError")))


def _constant(tree: Any, child: Any, stage: Stage) -> str:
    if child.name != "Literal" or child.fields["value"] is None:
        raise UnsupportedPlan(
            f"{stage.saved.uid} calls {tree.name} with an argument that is not a constant; write the constant itself"
        )
    return str(child.fields["value"])
