"""Python with Numba: loops over rows, compiled before they are timed."""
