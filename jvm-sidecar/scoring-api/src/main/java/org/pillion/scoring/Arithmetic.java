package org.pillion.scoring;

import java.util.Locale;

/** Whose order of operations a scorer keeps, and so whose bits its results have. */
public enum Arithmetic {
  /** That of the Spark pipeline which the document was exported from. */
  SPARK,
  /** That of the JPMML interpreter. */
  JPMML;

  /** The name used in contracts, metrics and manifests, for example {@code spark}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether every double must come out with the bits that the training system computed. */
  public boolean exact() {
    return this == SPARK;
  }
}
