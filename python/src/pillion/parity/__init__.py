"""Parity: the routes, the comparator, the report."""
