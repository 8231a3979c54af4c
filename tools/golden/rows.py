"""The rows of a golden case: a sample of real ones, and edge rows made from the document and the table."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pillion.parity.edge import edges_of
from pillion.parity.plan_boundaries import all_boundaries
from pillion.types import Value
from tools.golden.cases.case import Case
from tools.golden.tables import Table, cell

Rows = dict[str, list[Value]]
MOST_EDGES = 90
MIXED = 12
_OF_A_FIELD = 9


def make_rows(case: Case, table: Table, document: bytes, contract: Mapping[str, Any], seed: int) -> Rows:
    """Makes a case's rows.

    Real rows come first, ones that the model was not fitted on where there are any. Each edge row is one of them but
    for one field; then come a row of nothing, a row of zeros, and rows in which many fields stand at an edge.
    """
    random = np.random.default_rng(seed)
    names = list(case.inputs)
    total = len(table.rows)
    pool = np.arange(case.rows, total) if total - case.rows >= case.sample else np.arange(total)
    chosen = table.rows.iloc[np.sort(random.choice(pool, min(case.sample, len(pool)), replace=False))]
    out: Rows = {name: [cell(value) for value in chosen[name]] for name in names}
    base = len(out[names[0]])

    known = {field["name"]: field for field in contract["inputs"]}
    boundaries = all_boundaries(document)
    edges: dict[str, list[Value]] = {}
    for name in names:
        field = {"values": _values(table, name), **known.get(name, {}), "name": name, "type": table.types[name]}
        made = edges_of(field, boundaries.get(name, ()), _OF_A_FIELD)
        edges[name] = list({repr(value): value for value in (*case.edges.get(name, ()), *made)}.values())
    changes: list[dict[str, Value]] = [{name: value} for name in names for value in edges[name]]
    if len(changes) > MOST_EDGES:
        changes = [changes[i] for i in np.sort(random.permutation(len(changes))[:MOST_EDGES])]
    changes.append(dict.fromkeys(names))
    changes.append({name: 0.0 for name in names if table.types[name] == "double"})
    for _ in range(MIXED):
        mixed = [name for name in names if random.random() < 0.25]
        changes.append({name: edges[name][int(random.integers(0, len(edges[name])))] for name in mixed})
    for change in changes:
        origin = int(random.integers(0, base))
        for name in names:
            out[name].append(change[name] if name in change else out[name][origin])
    return out


def _values(table: Table, name: str) -> list[str]:
    if table.types[name] != "string":
        return []
    return sorted({value for value in table.rows[name] if isinstance(value, str)})
