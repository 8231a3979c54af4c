"""Spark itself, local, by the pipeline that was kept with the version."""
