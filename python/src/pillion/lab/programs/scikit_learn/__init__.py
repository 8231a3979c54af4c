"""scikit-learn's own linear models, with the plan's numbers; features by NumPy."""
