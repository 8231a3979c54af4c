"""A fitted stage as Spark saves it: parameters from its metadata, arrays from its Parquet files, doubles untouched."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pillion.export.plan.element import UnsupportedPlan

_TAKEN = ("Col", "Cols", "_col", "_cols")
_MADE = frozenset(
    {
        "outputCol", "outputCols", "predictionCol", "probabilityCol", "rawPredictionCol", "linkPredictionCol",
        "quantilesCol", "leafCol", "varianceCol", "topicDistributionCol", "pred_contrib_col",
    }
)  # fmt: skip
"""Parameters that name columns which a stage makes; of the others, those that end so name what it takes."""
_TRAINED = frozenset({"labelCol", "weightCol", "censorCol", "qid_col", "validationIndicatorCol"})
_SPECIAL = {"NaN": math.nan, "Inf": math.inf, "-Inf": -math.inf}


@dataclass(frozen=True)
class Saved:
    """A saved stage.

    Attributes:
        folder: where Spark wrote it.
        kind: its class's simple name, e.g. `StringIndexerModel`.
        uid: Spark's name for it.
        params: its parameters, those that were set over the defaults.
        given: names of the parameters that were set.
    """

    folder: Path
    kind: str
    uid: str
    params: dict[str, Any]
    given: frozenset[str]

    @classmethod
    def read(cls, folder: Path) -> "Saved":
        """Reads the metadata of a stage's folder."""
        metadata = cls.read_metadata(folder)
        params = {**metadata.get("defaultParamMap", {}), **metadata["paramMap"]}
        return cls(
            folder=folder,
            kind=metadata["class"].rsplit(".", 1)[-1],
            uid=metadata["uid"],
            params={name: _special(value) for name, value in params.items()},
            given=frozenset(metadata["paramMap"]),
        )

    @staticmethod
    def read_metadata(folder: Path) -> dict[str, Any]:
        """Reads the metadata of a stage's folder as Spark wrote it."""
        lines = [
            line
            for part in sorted((folder / "metadata").glob("part-*"))
            for line in part.read_text(encoding="utf-8").split("\n")  # U+2028 and its like end no line here
        ]
        return dict(json.loads(lines[0]))

    def resolved(self, names: Sequence[str]) -> "Saved":
        """Returns the stage with the columns that it takes named as they are, whatever their case, without backticks.

        Args:
            names: of the columns before the stage.
        """
        params = {
            param: _resolve(value, names) if param.endswith(_TAKEN) and param not in _MADE else value
            for param, value in self.params.items()
        }
        return replace(self, params=params)

    def rows(self, part: str = "data") -> list[dict[str, Any]]:
        """The rows of the stage's data."""
        return list(pq.read_table(self.folder / part).to_pylist())

    @cached_property
    def row(self) -> dict[str, Any]:
        """The only row of the stage's data."""
        rows = self.rows()
        if len(rows) != 1:
            raise UnsupportedPlan(f"{self.uid} has {len(rows)} rows of data")
        return rows[0]

    def taken(self) -> list[str]:
        """Returns the columns that the stage takes, except for those that only training needs."""
        return taken_columns(self.params)

    @property
    def input(self) -> str:
        """The column that the stage takes."""
        return str(self.params["inputCol"])

    @property
    def output(self) -> str:
        """The column that the stage makes."""
        return str(self.params["outputCol"])

    @property
    def columns(self) -> list[tuple[str, str]]:
        """The columns that the stage takes and makes, in pairs, where it works on one or on several."""
        sources = self.params["inputCols"] if "inputCols" in self.given else [self.input]
        targets = self.params["outputCols"] if "outputCols" in self.given else [self.output]
        return list(zip(map(str, sources), map(str, targets), strict=True))


def taken_columns(params: Mapping[str, Any]) -> list[str]:
    """Returns the columns that a stage of such parameters takes, except for those that only training needs."""
    found: list[str] = []
    for param, value in sorted(params.items()):
        if param.endswith(_TAKEN) and param not in _MADE and param not in _TRAINED:
            found += map(str, value if isinstance(value, list) else [value])
    return list(dict.fromkeys(name for name in found if name))


def _resolve(value: Any, names: Sequence[str]) -> Any:
    """A column's name, or several, as Spark finds it: exactly, else in any case, else without backticks."""
    if isinstance(value, list):
        return [_resolve(item, names) for item in value]
    if not isinstance(value, str):
        return value
    quoted = len(value) > 1 and value[0] == value[-1] == "`"
    for wanted in (value, value[1:-1].replace("``", "`")) if quoted else (value,):
        if wanted in names:
            return wanted
        for name in names:
            if name.lower() == wanted.lower():
                return name
    return value


def _special(value: Any) -> Any:
    if isinstance(value, str):
        return _SPECIAL.get(value, value)
    if isinstance(value, list):
        return [_special(item) for item in value]
    return value
