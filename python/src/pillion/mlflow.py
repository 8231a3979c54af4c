"""The flavor of MLflow that keeps what `pillion.export` made: the version, its signature, its figures and its report.

The package `mlflow-skinny` is enough; the extra `mlflow` brings it.
"""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pillion import __version__
from pillion.api.model import Model, load
from pillion.errors import ConfigurationError, NotReproduced
from pillion.parity.html import require_libraries

if TYPE_CHECKING:
    import pandas as pd

    from pillion.export.version import Version

FLAVOR = "pillion"
"""The flavor's name in an `MLmodel` file."""
REPORT = "report.html"
"""The report's file, among the model's and among the run's."""
_DATA = "version"
_REQUIREMENTS = f"pillion=={__version__}\npandas\n"
_FIGURES = ("rows", "rows_differing", "max_ulps", "decisions_differing", "ranks_differing", "refused", "answered")
_TYPES = {"double": "double", "float": "float", "integer": "long", "boolean": "boolean", "string": "string"}


def log_model(version: "Version", name: str, **more: Any) -> Any:
    """Logs a version as a model of MLflow's, with its figures as metrics and its report as an artifact of the run.

    Args:
        version: What `pillion.export` returned.
        name: The model's, in the run.
        more: Further arguments of MLflow's `Model.log`, such as `registered_model_name`.

    Returns:
        MLflow's `ModelInfo`; its `model_uri` is what `load_model` takes.

    Raises:
        NotReproduced: The version is cleared for no engine.
        ConfigurationError: MLflow is not installed.

    Example:
        >>> info = pillion.mlflow.log_model(version, "late")
        >>> scores = pillion.mlflow.load_model(info.model_uri).predict(pandas_frame)
        >>> scores["prediction"].tolist()
        [1.0, 0.0, 0.0]
    """
    mlflow = _mlflow()
    info = mlflow.models.Model.log(None, flavor=sys.modules[__name__], name=name, version=version, **more)
    run = mlflow.active_run()
    client = mlflow.MlflowClient()
    run_id = info.run_id if run is None else run.info.run_id
    for metric, value in metrics_of(version).items():
        client.log_metric(run_id, metric, value)
    with tempfile.TemporaryDirectory() as scratch:
        client.log_artifact(run_id, str(version.report().save(Path(scratch) / REPORT)))
    return info


def save_model(version: "Version", path: str | Path, mlflow_model: Any = None) -> None:
    """Writes a version as a model of MLflow's into a folder.

    Args:
        version: What `pillion.export` returned.
        path: The folder.
        mlflow_model: MLflow's own description, where it gives one.

    Raises:
        NotReproduced: The version is cleared for no engine.
        ConfigurationError: MLflow is not installed, or the folder can't be written.
    """
    mlflow = _mlflow()
    require_libraries()
    if version.cleared is None:
        raise NotReproduced(f"the model '{version.name}' is not kept: {version.problem}")
    folder = Path(path)
    if not version.write(folder / _DATA, version.name, 1):
        raise ConfigurationError(f"{folder / _DATA} is there already")
    version.report().save(folder / REPORT)
    (folder / "requirements.txt").write_text(_REQUIREMENTS, encoding="utf-8")
    description = mlflow.models.Model() if mlflow_model is None else mlflow_model
    description.signature = signature_of(version)
    description.add_flavor(
        FLAVOR, pillion_version=__version__, data=_DATA, engine=version.cleared, arithmetic=version.arithmetic
    )
    mlflow.pyfunc.add_to_model(description, loader_module=__name__, data=_DATA)
    description.save(str(folder / "MLmodel"))


def load_model(model_uri: str) -> Any:
    """Loads a model that was logged, as MLflow's `PyFuncModel`; Spark is not needed.

    Args:
        model_uri: As MLflow writes it: `runs:/…`, `models:/…` or a folder.

    Raises:
        ConfigurationError: MLflow is not installed.
    """
    return _mlflow().pyfunc.load_model(model_uri)


def signature_of(version: "Version") -> Any:
    """Returns MLflow's signature of a version: its inputs and its outputs.

    Inputs of types that MLflow lacks, as decimal numbers, are of any: a table may have them as texts or otherwise.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import AnyType

    any_ = AnyType()  # type: ignore[no-untyped-call]

    def schema(fields: list[dict[str, Any]]) -> Schema:
        return Schema([ColSpec(any_ if "format" in each else _TYPES[each["type"]], each["name"]) for each in fields])

    return ModelSignature(schema(version.manifest["contract"]["inputs"]), schema(version.manifest["outputs"]))


def metrics_of(version: "Version") -> dict[str, float]:
    """Returns what was found of each engine, as MLflow's metrics: `compiled.max_ulps` and the like."""
    records: Mapping[str, Mapping[str, Any]] = version.manifest["parity"]
    return {
        f"{engine}.{figure}": float(record[figure])
        for engine, record in records.items()
        for figure in _FIGURES
        if figure in record
    }


class _Scorer:
    """What MLflow asks for predictions."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def predict(self, rows: "pd.DataFrame", params: Mapping[str, Any] | None = None) -> "pd.DataFrame":
        return self._model.predict(rows)


def _load_pyfunc(path: str) -> _Scorer:
    """Opens a version's folder; MLflow calls it."""
    return _Scorer(load(path))


def _mlflow() -> Any:
    try:
        import mlflow
        import mlflow.pyfunc
    except ImportError as absent:
        raise ConfigurationError("'mlflow' is not installed: install pillion[mlflow]") from absent
    return mlflow
