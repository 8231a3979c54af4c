"""Spark SQL's patterns of dates and time stamps."""

import re

from pillion.export.plan.element import UnsupportedPlan
from pillion.export.plan.stage import Stage

_READ = "yMdHmsS"
_WRITTEN = _READ + "EDha"
_QUOTED = re.compile("'[^']*'")
_POLICY = "spark.sql.legacy.timeParserPolicy"


def read(pattern: str, stage: Stage) -> str:
    """Returns a pattern by which texts are read, if plans have it.

    Raises:
        UnsupportedPlan: it has a letter whose meaning plans don't know.
    """
    return _known(pattern, _READ, stage)


def fails_by_spark_2(stage: Stage) -> bool:
    """Whether a row fails whose text can't be read, but Spark 2's parser reads it: what Spark 3 does by default."""
    return _policy(stage) == "EXCEPTION"


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
    return str(stage.session.conf.get(_POLICY)).upper()
