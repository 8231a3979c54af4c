"""What is known not to be exact yet, with the reason. Each still runs, and one that starts to pass fails its test."""

_NO_THRESHOLDS = "the converter has no place for thresholds, so the document means the most probable class"

NOT_COMPILED: dict[str, str] = {}
"""Cases whose document the compiled engine does not take in Spark's arithmetic."""

NOT_EXACT: dict[str, str] = {}
"""Cases that it takes, and where a bit or an error differs from Spark's."""

OTHER_LABELS: dict[str, str] = {
    "categories_keep": "a missing category has its own index in Spark, and counts for nothing in the document",
    "forest_classifier_thresholds": _NO_THRESHOLDS,
    "gbt_classifier_thresholds": _NO_THRESHOLDS,
    "logistic_threshold": _NO_THRESHOLDS,
    "logistic_thresholds": _NO_THRESHOLDS,
    "multinomial_thresholds": _NO_THRESHOLDS,
    "one_column_and_many": "the converter compares each of several columns with 0 instead of its own threshold",
    "ranker": "a missing category, and a missing number in an SQL expression, count otherwise in the document",
    "tree_classifier_thresholds": _NO_THRESHOLDS,
}
"""Cases where the interpreter gives a row of usual numbers another label than Spark."""
