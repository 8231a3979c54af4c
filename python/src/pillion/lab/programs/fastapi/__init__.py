"""A model that FastAPI hosts, as teams do that have no engine."""
