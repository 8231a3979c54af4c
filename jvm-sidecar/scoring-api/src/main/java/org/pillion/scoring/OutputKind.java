package org.pillion.scoring;

import java.util.Locale;

/** The meaning of an output field. */
public enum OutputKind {
  /** The model's own target field. */
  TARGET,
  /** A predicted value or label. */
  PREDICTION,
  /** The probability of one class. */
  PROBABILITY,
  /** Anything else that the document computes. */
  OTHER;

  /** The name used in contracts. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
