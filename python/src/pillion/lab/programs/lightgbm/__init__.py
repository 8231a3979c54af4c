"""LightGBM's own prediction; features by NumPy."""
