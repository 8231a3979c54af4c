"""XGBoost's own prediction; features by NumPy."""
