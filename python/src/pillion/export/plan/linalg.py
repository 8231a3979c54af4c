"""Vectors and matrices: as Spark saves them, and as elements of a plan."""

from itertools import pairwise
from typing import Any

from pillion.export.plan.element import Element, add, numbers


def dense(vector: dict[str, Any] | list[float]) -> list[float]:
    """Returns all elements of a saved vector or array."""
    if isinstance(vector, list):
        return [float(value) for value in vector]
    if vector["type"] == 1:
        return [float(value) for value in vector["values"]]
    out = [0.0] * int(vector["size"])
    for index, value in zip(vector["indices"], vector["values"], strict=True):
        out[index] = float(value)
    return out


def dense_rows(matrix: dict[str, Any]) -> list[list[float]]:
    """Returns all elements of a saved matrix, row by row."""
    rows, columns = int(matrix["numRows"]), int(matrix["numCols"])
    flipped = bool(matrix["isTransposed"])
    out = [[0.0] * columns for _ in range(rows)]
    if matrix["type"] == 1:
        for place, value in enumerate(matrix["values"]):
            row, column = divmod(place, columns) if flipped else divmod(place, rows)[::-1]
            out[row][column] = float(value)
        return out
    starts = matrix["colPtrs"]
    for major, (start, end) in enumerate(pairwise(starts)):
        for minor, value in zip(matrix["rowIndices"][start:end], matrix["values"][start:end], strict=True):
            row, column = (major, minor) if flipped else (minor, major)
            out[row][column] = float(value)
    return out


def add_matrix(parent: Element, saved: dict[str, Any]) -> None:
    """Adds a saved matrix in the form in which Spark holds it."""
    child = add(
        parent, "matrix", rows=saved["numRows"], columns=saved["numCols"], transposed=bool(saved["isTransposed"])
    )
    numbers(child, "values", [float(value) for value in saved["values"]])
    if saved["type"] == 0:
        numbers(child, "starts", saved["colPtrs"])
        numbers(child, "positions", saved["rowIndices"])


def add_vector(parent: Element, saved: dict[str, Any]) -> Element:
    """Adds a saved vector as `coefficients`, dense or sparse as Spark holds it, and returns the element."""
    sparse = saved["type"] == 0
    size = saved["size"] if sparse else len(saved["values"])
    return _coefficients(parent, size, saved["values"], saved["indices"] if sparse else None)


def add_only_row(parent: Element, saved: dict[str, Any]) -> None:
    """Adds a saved matrix of one row, which Spark holds row by row, as `coefficients`."""
    _coefficients(parent, saved["numCols"], saved["values"], saved["rowIndices"] if saved["type"] == 0 else None)


def _coefficients(parent: Element, size: int, values: list[float], indices: list[int] | None) -> Element:
    child = add(parent, "coefficients", size=int(size))
    numbers(child, "values", [float(value) for value in values])
    if indices is not None:
        numbers(child, "indices", [int(index) for index in indices])
    return child
