"""Spark SQL's patterns of dates and time stamps."""

import re

from pillion.export.plan.element import UnsupportedPlan
from pillion.export.plan.stage import Stage

_READ = "yMdHmsS"
_WRITTEN = _READ + "EDha"
_QUOTED = re.compile("'[^']*'")
_POLICY = "spark.sql.legacy.timeParserPolicy"


def read(pattern: str, stage: Stage, fails: bool) -> str:
    """Returns a pattern by which texts are read, if plans have it.

    Args:
        pattern: as Spark has it.
        stage: the SQLTransformer.
        fails: whether a text that can't be read fails its row.

    Raises:
        UnsupportedPlan: it has a letter whose meaning plans don't know, or Spark also asks the parser of Spark 2.
    """
    if _policy(stage) == "EXCEPTION" and not fails:
        raise UnsupportedPlan(
            f"{stage.saved.uid} reads dates by the pattern {pattern!r}, and asks Spark 2's parser where that fails; set"
            f" {_POLICY} to CORRECTED"
        )
    return _known(pattern, _READ, stage)


def written(pattern: str, stage: Stage) -> str:
    """Returns a pattern by which texts are written, if plans have it.

    Raises:
        UnsupportedPlan: it has a letter whose meaning plans don't know.
    """
    return _known(pattern, _WRITTEN, stage)


def _known(pattern: str, letters: str, stage: Stage) -> str:
    if _policy(stage) == "LEGACY":
        raise UnsupportedPlan(
            f"{stage.saved.uid} has the pattern {pattern!r} of Spark 2's parser; set {_POLICY} to CORRECTED"
        )
    other = sorted(set(re.findall("[A-Za-z]", _QUOTED.sub("", pattern))) - set(letters))
    if other:
        raise UnsupportedPlan(
            f"{stage.saved.uid} has the pattern {pattern!r} with the letters {', '.join(other)}, and plans have"
            f" {', '.join(letters)}"
        )
    return pattern


def _policy(stage: Stage) -> str:
    return str(stage.session.conf.get(_POLICY, "CORRECTED")).upper()
