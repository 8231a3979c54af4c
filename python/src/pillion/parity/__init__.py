"""Parity: the routes, the comparator, the report."""

from pillion.parity.report import Report

__all__ = ["Report"]
