"""`pillion score`: rows of a file through a PMML document, without Spark."""

import json
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from pillion.cli.terminal import NO, ProgressBars
from pillion.errors import InvalidInput
from pillion.types import FieldType, Value

_SHOWN_ERRORS = 20
_EXAMPLE = "[bold]Example:[/bold] pillion score --model pmml-models/ranker/1 --input rows.csv --output scores.csv"


def score(
    model: Annotated[Path, typer.Option(help="A PMML document, or a folder with one.")],
    input: Annotated[Path, typer.Option(help="Rows: .csv, .jsonl or .parquet.")],
    output: Annotated[Path, typer.Option(help="Scores: .csv, .jsonl or .parquet, one row per input row.")],
    engine: Annotated[Literal["auto", "compiled", "jpmml"], typer.Option(help="What evaluates.")] = "auto",
    schema: Annotated[Path | None, typer.Option(help="Types of the input's columns: Spark's StructType JSON.")] = None,
    null: Annotated[
        list[str] | None, typer.Option(help="What a CSV cell says where it is missing; may be given again.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Score a version that was cleared for no engine.")] = False,
) -> None:
    """Scores rows: one output row per input row, in order, one column per output field of the document.

    Prints one JSON line. A row that cannot be scored has empty cells, is named on standard error, and makes the exit
    code 1. A version that was cleared for no engine is not scored, with exit code 1.
    """
    from pillion.api.model import load
    from pillion.tabular import parse_schema, read_batches, write_batches
    from pillion.tabular.read import NULLS
    from pillion.tabular.write import check_suffix

    check_suffix(output)
    loaded = load(model, engine=engine, force=force)
    if schema is not None:
        _check_schema(parse_schema(schema), loaded.inputs, schema)
    rows = failed = 0
    bars = ProgressBars()

    def scored() -> Iterator[Mapping[str, Sequence[Value]]]:
        nonlocal rows, failed
        for batch in read_batches(input, loaded.cell_types, tuple(null) if null else NULLS, keep_unfit=True):
            reply = loaded.score(batch.columns, batch.rows)
            rows += batch.rows
            told = {error.row: f"{input}, row {batch.first + error.row}: {error.message}" for error in reply.row_errors}
            told |= {row: str(error) for row, error in batch.unfit.items()}
            for _, sentence in zip(range(_SHOWN_ERRORS - failed), (told[row] for row in sorted(told)), strict=False):
                print(sentence, file=sys.stderr)
            failed += len(told)
            bars.count("rows scored", rows, None)
            yield _without(batch.unfit, reply.columns)

    with bars:
        write_batches(output, loaded.outputs, scored())
    if failed > _SHOWN_ERRORS:
        print(f"and {failed - _SHOWN_ERRORS} more rows could not be scored", file=sys.stderr)
    summary = {"engine": loaded.engine, "arithmetic": loaded.arithmetic, "inexact": loaded.inexact}
    print(json.dumps({**summary, "rows": rows, "errors": failed, "output": str(output)}))
    if failed:
        raise typer.Exit(NO)


def _without(rows: Collection[int], columns: Mapping[str, Sequence[Value]]) -> Mapping[str, Sequence[Value]]:
    """The columns with nothing in some rows."""
    if not rows:
        return columns
    return {
        name: [None if row in rows else value for row, value in enumerate(values)] for name, values in columns.items()
    }


def _check_schema(given: dict[str, FieldType | None], types: Mapping[str, FieldType], path: Path) -> None:
    """A schema may say less exact types than the document, but not others: text is no number."""
    for name, type_ in types.items():
        said = given.get(name)
        if said is not None and (said == "string") != (type_ == "string"):
            raise InvalidInput(f"{path} says that '{name}' is of type {said}, but the model takes {type_}", name)


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to the application."""
    app.command(epilog=_EXAMPLE)(score)
