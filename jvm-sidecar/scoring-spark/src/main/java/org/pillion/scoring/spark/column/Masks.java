package org.pillion.scoring.spark.column;

import java.util.Arrays;
import org.pillion.scoring.ItemRows;

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

  /** The mask of some items, of a mask of all; no mask where none of them is null. */
  static boolean[] take(boolean[] mask, ItemRows items) {
    boolean[] taken = null;
    for (int i = 0; mask != null && i < items.count(); i++) {
      if (mask[items.row(i)]) {
        taken = taken == null ? new boolean[items.count()] : taken;
        taken[i] = true;
      }
    }
    return taken;
  }
}
