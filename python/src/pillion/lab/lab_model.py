"""The model that the lab measures: its document, rows that it scores, and the outputs that a way is held against."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pillion.errors import InvalidInput, UnsupportedStage
from pillion.lab.flat_plan import FlatPlan, flatten
from pillion.parity.plan_elements import read_plan, tag_of
from pillion.parity.recorded_rows import read_rows
from pillion.scoring import Scores
from pillion.scoring.repository import MANIFEST, VERIFICATION
from pillion.types import Value

if TYPE_CHECKING:
    from pillion.scoring.jvm import InProcessModel

_OF_LIBRARIES = {
    "xgboost": "no program computes trees of XGBoost's, whose numbers are of single precision",
    "lightgbm": "no program computes trees of LightGBM's, which treat missing values in ways of their own",
}
MOST_ROWS = 1_000
"""Rows that are scored; a larger batch repeats them."""
Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LabModel:
    """A model with its rows.

    Attributes:
        name: What it is called on the page.
        home: The version's folder in a repository; None where there is none.
        document: The PMML.
        types: Of its inputs, in order.
        columns: Rows without errors, missing values as None, by input.
        outputs: Names of the numbers that are compared: the probabilities, or the prediction.
        expected: What the engine gives, shape (rows, outputs).
        engine: The engine that gave it.
        arithmetic: Whose arithmetic that is; `spark` for Spark's bits.
        flat: The plan, scalar steps and a model; None where it can't be had so.
        unsupported: Why programs in each language can't compute it; empty where they can.
    """

    name: str
    home: Path | None
    document: bytes
    types: Mapping[str, str]
    columns: Mapping[str, Sequence[Value]]
    outputs: tuple[str, ...]
    expected: Doubles
    engine: str
    arithmetic: str
    flat: FlatPlan | None
    unsupported: str

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.expected)

    @property
    def digest(self) -> str:
        """What tells the model and its rows from others."""
        return hashlib.sha256(self.document + self.expected.tobytes()).hexdigest()[:16]

    @property
    def model_bytes(self) -> int:
        """Bytes of the model's numbers, of eight bytes each; 0 where programs can't have the plan."""
        if self.flat is None:
            return 0
        return 8 * (self.flat.constants.size + sum(array.size for array in self.flat.model.arrays))

    @property
    def row_bytes(self) -> int:
        """Bytes that scoring a row reads and writes at the least: inputs and outputs, of eight bytes each."""
        return 8 * (len(self.types) + len(self.outputs))

    def batch(self, rows: int, start: int = 0) -> dict[str, list[Value]]:
        """Returns columns of so many rows, from one on; the rows are repeated as needed."""
        places = [(start + row) % self.rows for row in range(rows)]
        return {name: [column[place] for place in places] for name, column in self.columns.items()}

    def matrix(self) -> Doubles:
        """Returns the rows as programs take them: shape (rows, fields), a text as its code, a missing number as NaN."""
        assert self.flat is not None
        fields = self.flat.fields
        return np.array([[field.code(value) for value in self.columns[field.name]] for field in fields]).T


def read_lab_model(document: Path, jar: Path, name: str | None = None) -> LabModel:
    """Reads a published version: its document, and the rows of its verification set that Spark did not refuse.

    Args:
        document: The PMML document in the version's folder.
        jar: The sidecar's.
        name: What the model is called; its folder's name where left out.

    Raises:
        InvalidInput: There is no verification set beside the document, or no row of it can be scored.
        InvalidModel: The document or a row is bad.
    """
    from pillion.scoring.jvm import open_model

    rows = document.parent / VERIFICATION
    if not rows.is_file():
        raise InvalidInput(f"there are no rows to score: {rows} is missing; publish the model with `pillion publish`")
    pmml = document.read_bytes()
    opened = open_model(pmml, "auto", jar)
    try:
        recorded = read_rows(rows.read_bytes(), opened.contract, opened.contract["outputs"], str(rows))
        refused = {error.row for error in recorded.expected.row_errors}
        places = [row for row in range(recorded.rows) if row not in refused]
        columns = {field: [column[row] for row in places] for field, column in recorded.inputs.items()}
        folder = document.parent
        named = name or (f"{folder.parent.name} {folder.name}" if folder.name.isdigit() else folder.name)
        home = folder if (folder / MANIFEST).is_file() else None
        return make_lab_model(named, home, pmml, opened, columns, len(places))
    finally:
        opened.close()


def make_lab_model(
    name: str,
    home: Path | None,
    document: bytes,
    opened: "InProcessModel",
    columns: Mapping[str, Sequence[Value]],
    rows: int,
) -> LabModel:
    """Makes a model of a document that is open and rows given as columns.

    Raises:
        InvalidInput: No row can be scored.
    """
    types = {field["name"]: field["type"] for field in opened.contract["inputs"]}
    scores = opened.score(columns, rows) if rows else Scores({}, ())
    failed = {error.row for error in scores.row_errors}
    # Programs take a missing number as NaN, so that a row with a NaN of its own is none for them.
    sound = [row for row in range(rows) if row not in failed and _finite(column[row] for column in columns.values())]
    sound = sound[:MOST_ROWS]
    if not sound:
        raise InvalidInput(f"no row of the model '{name}' can be scored, so there is nothing to measure")
    kept = {name: [columns[name][row] for row in sound] for name in types}
    flat: FlatPlan | None
    try:
        flat = flatten(document, types)
        outputs = _outputs_of(flat, document)
        unsupported = _OF_LIBRARIES.get(flat.model.kind, "")
    except UnsupportedStage as why:
        flat, unsupported, outputs = None, str(why), _shown_outputs(opened.contract["outputs"])
    expected = np.array([[scores.columns[output][row] for output in outputs] for row in sound], dtype=np.float64)
    return LabModel(
        name, home, document, types, kept, outputs, expected, opened.engine, opened.arithmetic, flat, unsupported
    )


def _finite(values: Any) -> bool:
    return all(not isinstance(value, float) or np.isfinite(value) for value in values)


def _outputs_of(flat: FlatPlan, document: bytes) -> tuple[str, ...]:
    """The document's outputs of the plan's column, element by element."""
    found = {}
    plan = read_plan(document)
    assert plan is not None
    for element in plan:
        plain = not len(element)
        if tag_of(element) == "output" and element.get("column") == flat.model.column and plain:
            found[int(element.get("element", "0"))] = str(element.get("field"))
    if sorted(found) != list(range(flat.model.outputs)):
        raise UnsupportedStage(f"the document does not have the plan's column '{flat.model.column}' among its outputs")
    return tuple(found[position] for position in sorted(found))


def _shown_outputs(outputs: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The probabilities, or where there are none, the first number that the document gives."""
    probabilities = tuple(each["name"] for each in outputs if each["kind"] == "probability")
    numbers = tuple(each["name"] for each in outputs if each["type"] == "double" and each["kind"] != "target")
    if not probabilities and not numbers:
        raise InvalidInput("the model gives no number that could be compared")
    return probabilities or numbers[:1]
