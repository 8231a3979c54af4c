"""The lab: one model, scored in every language, place and on every processor there is, measured and shown."""
