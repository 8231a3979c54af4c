package org.pillion.scoring.spark.expression;

import org.pillion.scoring.spark.column.Frame;

/**
 * The rows for which an expression is evaluated.
 *
 * @param frame the batch
 * @param active the rows that count, or null for all; only they may fail
 * @param blame the slot whose inputs are named when a row fails
 */
record Evaluation(Frame frame, boolean[] active, int blame) {
  int rows() {
    return frame.rows();
  }

  boolean isActive(int row) {
    return active == null || active[row];
  }

  /** Those of these rows for which a flag is as wanted. */
  Evaluation where(boolean[] flags, boolean wanted) {
    boolean[] fewer = new boolean[frame.rows()];
    for (int row = 0; row < fewer.length; row++) {
      fewer[row] = isActive(row) && flags[row] == wanted;
    }
    return new Evaluation(frame, fewer, blame);
  }

  void fail(int row, String reason) {
    if (isActive(row)) {
      frame.fail(row, blame, reason);
    }
  }
}
