"""The questions that the lab asks."""

LANGUAGE, PLACE, HARDWARE = "language", "place", "hardware"
QUESTIONS = (LANGUAGE, PLACE, HARDWARE)
