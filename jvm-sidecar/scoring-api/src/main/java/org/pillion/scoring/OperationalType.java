package org.pillion.scoring;

import java.util.Locale;

/** How a field's values may be compared: by distance, by equality, or by rank. */
public enum OperationalType {
  /** Numbers with distances between them. */
  CONTINUOUS,
  /** Values that are equal or not. */
  CATEGORICAL,
  /** Values with an order. */
  ORDINAL;

  /** The name used in contracts and in PMML. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
