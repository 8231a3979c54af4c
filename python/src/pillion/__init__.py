"""Serves Spark ML pipelines beside a recommendation service, with the bits that Spark computed."""

from pillion.errors import PillionError

__version__ = "0.1.0"

__all__ = ["PillionError", "__version__"]
