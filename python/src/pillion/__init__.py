"""Serves Spark ML pipelines beside a recommendation service, with the bits that Spark computed.

Importing it costs nothing: what needs Spark, pandas or a JVM is imported by its first use.
"""

from typing import TYPE_CHECKING, Any

from pillion.errors import PillionError

if TYPE_CHECKING:
    from pillion import errors as errors
    from pillion import features as features
    from pillion import mlflow as mlflow
    from pillion.api.check import Check as Check
    from pillion.api.check import check as check
    from pillion.api.export import export as export
    from pillion.api.model import Model as Model
    from pillion.api.model import load as load
    from pillion.api.parity import parity as parity
    from pillion.export.session import spark_config as spark_config
    from pillion.export.version import Version as Version
    from pillion.parity.report import Report as Report

__version__ = "0.1.0"

__all__ = [
    "Check",
    "Model",
    "PillionError",
    "Report",
    "Version",
    "__version__",
    "check",
    "errors",
    "export",
    "features",
    "load",
    "mlflow",
    "parity",
    "spark_config",
]

_HOMES = {
    "Check": "pillion.api.check",
    "Model": "pillion.api.model",
    "Report": "pillion.parity.report",
    "Version": "pillion.export.version",
    "check": "pillion.api.check",
    "load": "pillion.api.model",
    "spark_config": "pillion.export.session",
}
_PACKAGES = ("export", "features", "mlflow", "parity")


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _PACKAGES:
        return import_module(f"pillion.{name}")
    if name in _HOMES:
        from pillion.callable_package import find

        return find(_HOMES[name], name)
    raise AttributeError(f"module 'pillion' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
