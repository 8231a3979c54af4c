"""Golden cases: fitted Spark pipelines on real tables, with Spark's own outputs recorded as doubles."""
