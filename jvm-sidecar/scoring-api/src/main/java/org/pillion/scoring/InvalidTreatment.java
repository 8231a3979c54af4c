package org.pillion.scoring;

/** What a model does with a value outside the field's domain, as the document declares it. */
public enum InvalidTreatment {
  /** Refuses the record. */
  RETURN_INVALID("returnInvalid"),
  /** Scores with the value as it is. */
  AS_IS("asIs"),
  /** Treats the value as missing. */
  AS_MISSING("asMissing"),
  /** Takes the replacement. */
  AS_VALUE("asValue");

  private final String text;

  InvalidTreatment(String text) {
    this.text = text;
  }

  /** The name used in contracts and in PMML. */
  public String text() {
    return text;
  }
}
