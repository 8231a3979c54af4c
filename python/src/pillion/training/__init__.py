"""Training: the Spark session, the demo pipelines, export, verification sets, publishing."""
