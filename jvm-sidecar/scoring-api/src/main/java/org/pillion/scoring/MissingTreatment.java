package org.pillion.scoring;

/** What a model does with a missing value, as the document declares it. */
public enum MissingTreatment {
  /** Scores with the value missing. */
  AS_IS("asIs"),
  /** Takes the replacement, which is the mean of the training data. */
  AS_MEAN("asMean"),
  /** Takes the replacement, which is the most frequent value of the training data. */
  AS_MODE("asMode"),
  /** Takes the replacement, which is the median of the training data. */
  AS_MEDIAN("asMedian"),
  /** Takes the replacement. */
  AS_VALUE("asValue"),
  /** Refuses the record. */
  RETURN_INVALID("returnInvalid");

  private final String text;

  MissingTreatment(String text) {
    this.text = text;
  }

  /** The name used in contracts and in PMML. */
  public String text() {
    return text;
  }
}
