"""The Python API: what `pillion.check`, `export`, `load` and `parity` do. The command line calls the same functions."""
