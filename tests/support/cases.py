"""A case made by hand, in which Spark is played by a logistic function."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from pillion.parity.case import Case
from pillion.scoring import RowError, Scores

CONTRACT: dict[str, Any] = {
    "inputs": [
        {"name": "x", "type": "double", "optype": "continuous"},
        {"name": "device", "type": "string", "optype": "categorical", "values": ["tv", "web"]},
    ],
    "outputs": [
        {"name": "label", "type": "string", "kind": "target", "class": None},
        {"name": "prediction", "type": "double", "kind": "other", "class": None},
        {"name": "probability(0)", "type": "double", "kind": "probability", "class": "0"},
        {"name": "probability(1)", "type": "double", "kind": "probability", "class": "1"},
    ],
}
SPECIAL = [(math.nan, "tv"), (math.inf, "tv"), (1e300, "web"), (None, "tv"), (0.5, "toaster"), (0.25, "web")]


def make_case(real: int = 200, errors: Sequence[int] = (), **changes: Any) -> Case:
    """Real rows, then the six of SPECIAL; `errors` are rows for which Spark throws."""
    random = np.random.default_rng(3)
    x = [*random.normal(size=real).tolist(), *(number for number, _ in SPECIAL)]
    device = [*random.choice(["tv", "web"], real).tolist(), *(name for _, name in SPECIAL)]
    p = [1 / (1 + math.exp(-min(max(v, -700.0), 700.0))) if v is not None else 0.5 for v in x]
    columns = {
        "prediction": [float(value > 0.5) for value in p],
        "probability(0)": [1 - value for value in p],
        "probability(1)": p,
    }
    for column in columns.values():
        for row in errors:
            column[row] = None
    whole = {
        "model": "hand",
        "document": b"",
        "contract": CONTRACT,
        "columns": {"x": x, "device": device},
        "rows": real + len(SPECIAL),
        "real": real,
        "expected": Scores(columns, tuple(RowError(row, "x", str(x[row]), "Spark threw") for row in errors)),
        "labels": ("prediction",),
        "score": ("probability(1)",),
        "origin": "made by hand",
        **changes,
    }
    return Case(**whole)
