"""`pillion.load`: a published version, scored in this process without Spark."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from pillion.config import SidecarSettings
from pillion.errors import InvalidInput, NotReproduced, PillionWarning
from pillion.scoring import Scores
from pillion.scoring.jvm import open_model, why_inexact
from pillion.scoring.repository import version_number, why_not_cleared
from pillion.tabular import CellTypes, cell_types, read_frame
from pillion.types import FieldType

if TYPE_CHECKING:
    import pandas as pd

_DTYPES: Mapping[FieldType, str] = {
    "double": "float64", "float": "float32", "integer": "int64", "boolean": "bool", "string": "object",
}  # fmt: skip
_NULLABLE: Mapping[FieldType, str] = {**_DTYPES, "integer": "Int64", "boolean": "boolean"}
Engine = Literal["auto", "compiled", "jpmml"]


class Model:
    """A PMML document that an engine in this process scores.

    Attributes:
        path: Of the document.
        engine: The engine that took it.
        arithmetic: Whose arithmetic it computes in: `spark`, to Spark's bits, or `jpmml`, the interpreter's.
        inputs: The types of what it takes, by name.
        cell_types: The types that a table's columns are read as to be given to it, by name.
        outputs: The types of what it gives, by name.
    """

    def __init__(self, path: Path, engine: Engine, jar: Path) -> None:
        self.path = path
        self._document = path.read_bytes()
        self._jar = jar
        self._opened = open_model(self._document, engine, jar)
        self.engine = self._opened.engine
        self.arithmetic = self._opened.arithmetic
        self.inputs: Mapping[str, FieldType] = {each["name"]: each["type"] for each in self._opened.contract["inputs"]}
        self.cell_types: CellTypes = cell_types(
            self.inputs, {each["name"]: each.get("format") for each in self._opened.contract["inputs"]}
        )
        self.outputs: Mapping[str, FieldType] = _columns(self._opened.contract["outputs"])

    @property
    def inexact(self) -> str | None:
        """Why it is not computed to Spark's bits, in a sentence; None where it is."""
        return why_inexact(self._document, self._opened, self._jar)

    def predict(self, rows: "pd.DataFrame") -> "pd.DataFrame":
        """Scores rows: one row out for each row in, in order and with its index, one column for each output.

        A NaN in a column of pandas' own numbers is missing, as it is where Spark takes such a frame. A decimal number
        may be a double: it counts as the digits that Python prints of it, which the model's type must have. A row that
        can't be scored has no values, and a warning names it; `frame.attrs["row_errors"]` has the reason by position.

        Args:
            rows: A frame with the columns of `inputs`, in any order; others are passed over. A vector `features` is a
                column of lists or arrays, or `features[0]`, `features[1]`, ….

        Raises:
            InvalidInput: Columns are absent; names all.

        Example:
            >>> pillion.load("models/late").predict(pandas_frame)["prediction"].tolist()
            [1.0, 0.0, 0.0]
        """
        import pandas as pd

        batch = read_frame(rows, self.cell_types, "the frame")
        scores = self.score(batch.columns, batch.rows)
        errors = {error.row: error.message for error in scores.row_errors}
        errors |= {row: str(error) for row, error in batch.unfit.items()}
        made = {}
        for name, type_ in self.outputs.items():
            values = [None if row in errors else value for row, value in enumerate(scores.columns[name])]
            made[name] = pd.Series(values, index=rows.index, dtype=_dtype(type_, values))
        frame = pd.DataFrame(made, index=rows.index)
        if errors:
            first = min(errors)
            warnings.warn(
                f"{len(errors):,} of {batch.rows:,} rows could not be scored, row {first + 1} the first:"
                f" {errors[first]}",
                PillionWarning,
                stacklevel=2,
            )
            frame.attrs["row_errors"] = {row: errors[row] for row in sorted(errors)}
        return frame

    def score(self, columns: Mapping[str, Sequence[Any]], rows: int) -> Scores:
        """Scores rows given as columns of plain values, None = missing; what `predict` does, without pandas.

        Raises:
            InvalidInput: A column is absent, or a value is of another type.
        """
        return self._opened.score(columns, rows)

    def close(self) -> None:
        """Frees the document."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Model({str(self.path)!r}, engine={self.engine!r}, arithmetic={self.arithmetic!r})"


def load(path: Path | str, *, engine: Engine = "auto", force: bool = False, jar: Path | None = None) -> Model:
    """Opens a published version in this process; Spark is not needed.

    Args:
        path: Of a model in a repository, whose newest version is taken; of a version; or of a PMML document.
        engine: What evaluates: `compiled`, `jpmml`, or `auto` for the first that takes the document.
        force: Whether a version is opened that was cleared for no engine.
        jar: The sidecar's; that of the wheel where left out.

    Raises:
        InvalidInput: There is no model there.
        NotReproduced: The version was cleared for no engine.
        InvalidModel: The engine refuses the document.
        ConfigurationError: The jar or Java is missing.

    Example:
        >>> with pillion.load("models/late") as late:
        ...     late.engine, late.inputs["age"]
        ('compiled', 'double')
    """
    document = find_document(Path(path))
    if not force and (why := why_not_cleared(document.parent)):
        raise NotReproduced(f"{why}; force=True, or --force, scores it all the same")
    return Model(document, engine, jar or SidecarSettings().jar)


def find_document(path: Path) -> Path:
    """Returns the PMML document that a path names: itself, the only one in a folder, or that of the latest version.

    Raises:
        InvalidInput: There is none, or more than one.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise InvalidInput(f"there is no model at {path}")
    versions = [number for p in path.iterdir() if p.is_dir() and (number := version_number(p.name)) is not None]
    folder = path / str(max(versions)) if versions else path
    found = sorted(folder.glob("*.pmml"))
    if len(found) != 1:
        count = "no" if not found else f"{len(found)}"
        raise InvalidInput(f"{folder} has {count} .pmml documents, but one is expected")
    return found[0]


def _columns(outputs: list[dict[str, Any]]) -> dict[str, FieldType]:
    """The document's output fields; its target only where it has no other."""
    fields: dict[str, FieldType] = {field["name"]: field["type"] for field in outputs if field["kind"] != "target"}
    return fields or {field["name"]: field["type"] for field in outputs}


def _dtype(type_: FieldType, values: list[Any]) -> str:
    """Pandas' own type; where it has no place for a missing value, the nullable one."""
    return (_NULLABLE if None in values else _DTYPES)[type_]
