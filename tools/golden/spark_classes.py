"""The transformers and models of pyspark.ml, as the installed package has them."""

import importlib
import inspect
import pkgutil
import re

import pyspark.ml
from pyspark.ml import Transformer

_BASES = ("base", "wrapper")
"""Modules that have classes to inherit from only."""


def spark_classes() -> set[str]:
    """The simple names of all that can be made."""
    found = set()
    for info in pkgutil.iter_modules(pyspark.ml.__path__):
        if info.ispkg or info.name in _BASES:
            continue
        module = importlib.import_module(f"pyspark.ml.{info.name}")
        found |= {
            name
            for name, kind in inspect.getmembers(module, inspect.isclass)
            if issubclass(kind, Transformer)
            and kind.__module__ == module.__name__
            and not name.startswith("_")
            and not inspect.isabstract(kind)
        }
    return found


def unfitted(fitted: str) -> set[str]:
    """The names that a fitted stage may have had before, its own among them."""
    return {
        fitted,
        fitted.removesuffix("Model"),
        re.sub("ClassificationModel$", "Classifier", fitted),
        re.sub("RegressionModel$", "Regressor", fitted),
    }
