"""The golden cases, one module a family. Spark's stages need a running session, so cases are made by functions."""

from tools.golden.cases import (
    boosters,
    chains,
    clusters,
    factors,
    generalised,
    linear,
    others,
    pmml_stages,
    preparation,
    selection,
    spelled,
    sql,
    text,
    trees,
)
from tools.golden.cases.case import Case

_FAMILIES = (
    preparation,
    pmml_stages,
    selection,
    linear,
    generalised,
    trees,
    others,
    chains,
    text,
    clusters,
    factors,
    sql,
    spelled,
    boosters,
)


def all_cases() -> dict[str, Case]:
    """Every case by its name, in the order of the families; needs a running Spark session."""
    made = [case for family in _FAMILIES for case in family.cases()]
    by_name = {case.name: case for case in made}
    assert len(by_name) == len(made), "two cases have the same name"
    return by_name
