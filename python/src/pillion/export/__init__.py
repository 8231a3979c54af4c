"""From a fitted pipeline to a published version: PMML document, Spark plan, verification set."""
