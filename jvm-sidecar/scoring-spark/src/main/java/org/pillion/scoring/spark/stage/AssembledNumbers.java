package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/**
 * The columns of numbers that feature vectors are assembled of, for models that need no vectors.
 *
 * @param columns the columns, one an element of the vectors
 * @param keep whether null and NaN are features, and not refused
 */
record AssembledNumbers(List<Slot> columns, boolean keep) {
  /** Those of a column of vectors, or null where it is made of something else. */
  static AssembledNumbers of(PlanBuilder plan, Slot features) {
    VectorAssembler assembler = plan.recipe(features, VectorAssembler.class);
    boolean numbers =
        assembler != null
            && assembler.sources().stream().allMatch(source -> source.type() == SparkType.DOUBLE);
    return numbers ? new AssembledNumbers(assembler.sources(), assembler.keeps()) : null;
  }

  /**
   * The numbers, column by column: one a row, or a single one that all rows share. Rows that the
   * assembler refuses are declined.
   *
   * @return null where it refuses all
   */
  double[][] values(Frame frame) {
    double[][] values = new double[columns.size()][];
    for (int i = 0; i < values.length; i++) {
      int slot = columns.get(i).id();
      values[i] = withNaN((DoubleColumn) frame.unrepeated(slot));
      if (!keep) {
        declineRefused(frame, values[i]);
      }
      if (frame.isDeclined()) {
        return null;
      }
    }
    return values;
  }

  private static double[] withNaN(DoubleColumn column) {
    boolean[] nulls = column.nulls();
    if (nulls == null) {
      return column.values();
    }
    double[] values = column.values().clone();
    for (int row = 0; row < values.length; row++) {
      values[row] = nulls[row] ? Double.NaN : values[row];
    }
    return values;
  }

  /** A row that failed before has its reason. */
  private static void declineRefused(Frame frame, double[] values) {
    boolean one = values.length < frame.rows();
    for (int row = 0; row < values.length; row++) {
      if (Double.isNaN(values[row]) && !frame.failed(row)) {
        if (one) {
          frame.decline();
        } else {
          frame.decline(row);
        }
      }
    }
  }
}
