"""The row error: why one row has no outputs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowError:
    """Why one row has no outputs: `row` counts from 0."""

    row: int
    field: str
    value: str
    message: str
