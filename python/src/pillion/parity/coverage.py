"""Coverage: what share of what a model knows the rows of a case touch."""

import math
from typing import Any

import numpy as np

from pillion.parity.case import Case
from pillion.parity.edge import is_free_text
from pillion.parity.free_text import vocabulary
from pillion.parity.plan_boundaries import all_boundaries
from pillion.types import Value

_STEPS = 3


def coverage(case: Case) -> dict[str, dict[str, int]]:
    """Returns how many the rows that have an answer touch, and how many there are, by kind.

    `categories` are the inputs' known texts; `words` those that stages of text know; `thresholds` the boundaries of
    numeric inputs, touched where a row has the number or one of the three next to it on either side; `classes` those
    that Spark predicts for some row; `outputs` those that are compared.
    """
    boundaries, words = all_boundaries(case.document), vocabulary(case.document)
    failed = {error.row for error in case.expected.row_errors}
    answered = [row for row in range(case.rows) if row not in failed]
    categories, thresholds, texts = [0, 0], [0, 0], set[Value]()
    for field in case.contract["inputs"]:
        column = case.columns[field["name"]]
        given = {column[row] for row in answered}
        if field["type"] == "string":
            known = set(map(str, field.get("values") or ()))
            categories = [categories[0] + len(known & given), categories[1] + len(known)]
            texts |= given if is_free_text(field) else set()
            continue
        for boundary in boundaries.get(field["name"], ()):
            number = _number(boundary.value)
            if number is not None:
                single = field["type"] == "float"
                thresholds = [thresholds[0] + _touched(number, given, single), thresholds[1] + 1]
    outputs = [output for output in case.contract["outputs"] if output["kind"] != "target"]
    classes = [output for output in outputs if output["kind"] == "probability"]
    seen = {value for value in case.expected.columns.get("prediction", ()) if value is not None}
    said = "\n".join(text for text in texts if isinstance(text, str))
    shares: dict[str, Any] = {
        "categories": categories,
        "words": [sum(word in said for word in words), len(words)],
        "thresholds": thresholds,
        "classes": [min(len(seen), len(classes)), len(classes)],
        "outputs": [len(case.outputs), len(outputs)],
    }
    return {kind: {"touched": touched, "of": total} for kind, (touched, total) in shares.items()}


def _number(value: str | float) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _touched(number: float, given: set[Value], single: bool) -> bool:
    step: Any = np.float32 if single else np.float64
    with np.errstate(all="ignore"):
        for direction in (-np.inf, np.inf):
            near = step(number)
            for _ in range(_STEPS + 1):
                if float(near) in given:
                    return True
                near = np.nextafter(near, step(direction))
    return False
