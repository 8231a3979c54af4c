package org.pillion.scoring.spark.column;

import java.util.Arrays;

/** Masks of null values; no mask means no nulls. */
final class Masks {
  private Masks() {}

  /** A mask that repeats the only row of another one. */
  static boolean[] repeat(boolean[] mask, int rows) {
    if (mask == null || !mask[0]) {
      return null;
    }
    boolean[] all = new boolean[rows];
    Arrays.fill(all, true);
    return all;
  }
}
