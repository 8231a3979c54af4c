"""Random pipelines on random rows: the compiled engine against Spark itself."""
