package org.pillion.scoring.spark;

import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.Values;

/** The rows that are missing in an output: those that failed, and those without a value. */
final class OutputMask {
  private OutputMask() {}

  static boolean[] of(Frame frame, Values values) {
    boolean[] nulls = values.nulls();
    boolean[] mask = nulls == null ? new boolean[frame.rows()] : nulls.clone();
    if (frame.anyFailed()) {
      for (int row = 0; row < mask.length; row++) {
        mask[row] |= frame.failed(row);
      }
    }
    return mask;
  }
}
