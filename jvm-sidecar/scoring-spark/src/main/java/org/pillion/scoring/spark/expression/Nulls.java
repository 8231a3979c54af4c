package org.pillion.scoring.spark.expression;

/** Masks of null values; no mask means no nulls. */
final class Nulls {
  private Nulls() {}

  /** Rows that are null on either side. */
  static boolean[] either(boolean[] left, boolean[] right) {
    if (left == null) {
      return right;
    }
    if (right == null) {
      return left;
    }
    boolean[] out = left.clone();
    for (int row = 0; row < out.length; row++) {
      out[row] |= right[row];
    }
    return out;
  }

  static boolean at(boolean[] nulls, int row) {
    return nulls != null && nulls[row];
  }
}
