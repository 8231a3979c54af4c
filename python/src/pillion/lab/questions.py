"""The questions that the lab asks."""

LANGUAGE, PLACE, HARDWARE, SIZE = "language", "place", "hardware", "size"
QUESTIONS = (LANGUAGE, PLACE, HARDWARE, SIZE)
QUICK_QUESTIONS = (LANGUAGE, PLACE, HARDWARE)
"""Those of a run in a hurry."""

TREES, DEPTH, FEATURES, CLASSES = "trees", "depth", "features", "classes"
"""The figures in which the made-up models of the question of the size differ."""
