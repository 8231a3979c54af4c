"""Spark SQL's functions of texts that take a constant: patterns, parts and places."""

from collections.abc import Callable, Sequence
from typing import Any

from pillion.export.plan.element import Element, UnsupportedPlan, element
from pillion.export.plan.java import language, takes_icu, version
from pillion.export.plan.stage import Stage

_LONGEST = 2**31 - 1


def write(tree: Any, operand: Element, stage: Stage) -> Element:
    """Returns the element of a function.

    Args:
        tree: Catalyst's node; its name is one of `NAMES`.
        operand: the element of its first child.
        stage: the SQLTransformer.

    Raises:
        UnsupportedPlan: an argument after the first is not a constant that plans can hold.
    """
    constants = [_constant(tree, child, stage) for child in tree.children[1:]]
    if tree.name in ("Like", "ILike"):
        return _like(stage, operand, tree, constants[0])
    return _WRITERS[tree.name](stage, operand, constants)


def _constant(tree: Any, child: Any, stage: Stage) -> str:
    if child.name != "Literal" or child.fields["value"] is None:
        raise UnsupportedPlan(
            f"{stage.saved.uid} calls {tree.name} with an argument that is not a constant; write the constant itself"
        )
    return str(child.fields["value"])


def _around(name: str, operand: Element, /, **attributes: object) -> Element:
    out = element(name, **attributes)
    out.append(operand)
    return out


def _matches(stage: Stage, operand: Element, pattern: str, *, whole: bool) -> Element:
    return _around("matches", operand, pattern=pattern, whole=whole, java=version(stage.session))


def _replaced(stage: Stage, operand: Element, pattern: str, replacement: str, start: int) -> Element:
    java = version(stage.session)
    return _around("replaceMatches", operand, pattern=pattern, replacement=replacement, from_=start, java=java)


def _jvm(stage: Stage) -> Any:
    return stage.session.sparkContext._jvm


def _quoted(stage: Stage, constant: str) -> str:
    return str(_jvm(stage).java.util.regex.Pattern.quote(constant))


def _like(stage: Stage, operand: Element, tree: Any, pattern: str) -> Element:
    """LIKE, and ILIKE, for which Spark takes both sides in lower case."""
    if tree.name == "ILike":
        operand = _cased(stage, operand, "lower")
        pattern = str(tree.java.replacement().right().eval(None))
    escaped = _jvm(stage).org.apache.spark.sql.catalyst.util.StringUtils.escapeLikeRegex(
        pattern, str(tree.java.escapeChar())
    )
    return _matches(stage, operand, str(escaped), whole=True)


def _regexp_replace(stage: Stage, operand: Element, constants: Sequence[str]) -> Element:
    pattern, replacement, start = constants
    return _replaced(stage, operand, pattern, replacement, int(start))


def _replace(stage: Stage, operand: Element, constants: Sequence[str]) -> Element:
    search, replacement = constants
    if not search:
        raise UnsupportedPlan(f"{stage.saved.uid} replaces the empty text, which changes nothing; leave it out")
    quoted = str(_jvm(stage).java.util.regex.Matcher.quoteReplacement(replacement))
    return _replaced(stage, operand, _quoted(stage, search), quoted, 1)


def _split(stage: Stage, operand: Element, constants: Sequence[str]) -> Element:
    pattern, limit = constants
    return _around("split", operand, pattern=pattern, limit=int(limit), java=version(stage.session))


def _extract(stage: Stage, operand: Element, constants: Sequence[str]) -> Element:
    pattern, group = constants
    return _around("extractMatch", operand, pattern=pattern, group=int(group), java=version(stage.session))


def _cased(stage: Stage, operand: Element, name: str) -> Element:
    """Lower, upper or title case; Spark takes ICU's rules from 4.0 on, unless it is told not to, and Java's before."""
    if takes_icu(stage.session):
        return _around(name, operand)
    return _around(f"java{name.title()}", operand, locale=language(stage.session))


def _part(operand: Element, start: int, length: int) -> Element:
    out = _around("substring", operand)
    out.extend([element("literal", type="integer", value=number) for number in (start, length)])
    return out


def _right(stage: Stage, operand: Element, constants: Sequence[str]) -> Element:
    length = int(constants[0])
    return _part(operand, -length, _LONGEST) if length > 0 else _part(operand, 1, 0)


_WRITERS: dict[str, Callable[[Stage, Element, Sequence[str]], Element]] = {
    "Contains": lambda stage, of, constants: _matches(stage, of, _quoted(stage, constants[0]), whole=False),
    "EndsWith": lambda stage, of, constants: _matches(stage, of, _quoted(stage, constants[0]) + r"\z", whole=False),
    "InitCap": lambda stage, of, _: _cased(stage, of, "title"),
    "Left": lambda stage, of, constants: _part(of, 1, int(constants[0])),
    "Lower": lambda stage, of, _: _cased(stage, of, "lower"),
    "RLike": lambda stage, of, constants: _matches(stage, of, constants[0], whole=False),
    "RegExpExtract": _extract,
    "RegExpReplace": _regexp_replace,
    "Right": _right,
    "StartsWith": lambda stage, of, constants: _matches(stage, of, r"\A" + _quoted(stage, constants[0]), whole=False),
    "StringReplace": _replace,
    "StringSplit": _split,
    "Upper": lambda stage, of, _: _cased(stage, of, "upper"),
}
NAMES = frozenset({*_WRITERS, "Like", "ILike"})
"""Catalyst's simple class names of the functions."""
