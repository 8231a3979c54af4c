"""Python with NumPy: a column at a time."""
