package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;
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
   * The numbers, column by column: one a row, or a single one that all rows share.
   *
   * @return null where the assembler refuses a row
   */
  double[][] values(Frame frame) {
    double[][] values = new double[columns.size()][];
    for (int i = 0; i < values.length; i++) {
      int slot = columns.get(i).id();
      Values shared = frame.shared(slot);
      DoubleColumn column = (DoubleColumn) (shared == null ? frame.get(slot) : shared);
      values[i] = withNaN(column);
      if (!keep && refuses(frame, values[i])) {
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
  private static boolean refuses(Frame frame, double[] values) {
    for (int row = 0; row < values.length; row++) {
      if (Double.isNaN(values[row]) && !frame.failed(row)) {
        return true;
      }
    }
    return false;
  }
}
