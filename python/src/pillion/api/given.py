"""What callers give: a model or the folder of one, and rows as a frame of Spark's or pandas', or as a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from pillion.errors import InvalidInput
from pillion.export.console import quiet_console
from pillion.export.plan import flat_stages
from pillion.export.rows import FileRows, FrameRows, RowSource
from pillion.export.saved_pipeline import load_pipeline, read_schema
from pillion.export.session import active_session, require_classic
from pillion.export.tuning import best_of
from pillion.tabular.forms import read, spell_as
from pillion.tabular.spark_parquet import read_parquet

if TYPE_CHECKING:
    import pandas as pd


def read_model(model: Any) -> PipelineModel:
    """Returns a fitted pipeline: the model itself, or what is saved in a folder.

    Args:
        model: A fitted model of Spark's, or the folder where Spark or MLflow saved one.

    Raises:
        ConfigurationError: It can't be loaded.
    """
    return load_pipeline(Path(model)) if isinstance(model, str | Path) else best_of(model)


def read_rows(
    data: Any, schema: StructType | Path | str | None, nulls: Sequence[str] | None, seed: int
) -> tuple[SparkSession, StructType, RowSource]:
    """Returns the session that the rows are in, or that is active; the raw columns; and the rows.

    Args:
        data: A frame of Spark's or pandas', a .csv, .jsonl or .parquet file, or a folder of Parquet files.
        schema: Spark's StructType, or a file with its JSON. A frame's own where left out.
        nulls: What a CSV cell says where it is missing.
        seed: Of the rows drawn.

    Raises:
        InvalidInput: The data is none of these, a file has no schema, or Spark can't read a folder.
        ConfigurationError: There is no session, or the schema can't be read.
    """
    struct = read_schema(Path(schema)) if isinstance(schema, str | Path) else schema
    if isinstance(data, str | Path):
        path = Path(data)
        if path.is_dir():
            session = active_session()
            with quiet_console(session):
                data = read_parquet(session, path)
        elif struct is None:
            raise InvalidInput(f"{path} does not say of which types Spark's columns are: give the schema as well")
        else:
            return active_session(), struct, FileRows(path, nulls)
    if type(data).__module__.partition(".")[0] == "pandas":
        data = _spark_frame(data, struct)
    if not isinstance(data, DataFrame):
        if "pyspark.sql" in type(data).__module__:
            require_classic(data.sparkSession)
        raise InvalidInput(
            f"the rows are a {type(data).__name__}, but a frame of Spark's or pandas', a file or a folder is expected"
        )
    return require_classic(data.sparkSession), struct or data.schema, FrameRows(data, seed)


def _spark_frame(table: "pd.DataFrame", struct: StructType | None) -> DataFrame:
    """A frame of pandas' as Spark's.

    Raises:
        InvalidInput: Spark can't read it as the schema says, or a double has other digits than its decimal type.
    """
    kinds = {} if struct is None else {field.name: field.dataType.simpleString() for field in struct}
    doubles = [name for name, kind in kinds.items() if kind.startswith("decimal") and name in table.columns]
    if doubles:  # of which Spark takes no doubles
        table = table.assign(**{name: _decimals(table[name], name, kinds[name]) for name in doubles})
    try:
        return active_session().createDataFrame(table, struct)
    except (PySparkException, ArithmeticError, TypeError, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InvalidInput(f"the frame can't be read as the schema says: {reason}") from error


def _decimals(column: "pd.Series[Any]", name: str, kind: str) -> list[Any]:
    """A column's values as decimals; a double counts as the digits that Python prints of it."""
    values: list[Any] = []
    for row, (value, absent) in enumerate(zip(column.astype(object), column.isna(), strict=True), 1):
        try:
            values.append(None if absent else read(spell_as(value, "decimal"), kind))
        except ValueError:
            raise InvalidInput(f"the frame, row {row}, column '{name}': {value!r} is no {kind}", name) from None
    return values


def name_of(model: Any, pipeline: PipelineModel) -> str:
    """What a model is called where nobody says so: its folder, or its last stage."""
    if isinstance(model, str | Path):
        return Path(model).resolve().name
    last = list(flat_stages(pipeline))[-1]
    return str(getattr(last, "uid", type(last).__name__))
