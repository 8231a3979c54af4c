"""Parity with Spark, row by row and bit by bit: routes, comparator, edge rows, report.

Called, `pillion.parity(model, data)`, the package is `pillion.api.parity.parity`.
"""

from pillion.callable_package import make_callable
from pillion.parity.report import Report

make_callable(__name__, "pillion.api.parity", "parity")

__all__ = ["Report"]
