package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Spark's {@code na.drop}: rows with null or NaN in a column are dropped. */
final class SkipInvalid {
  private SkipInvalid() {}

  static void compile(PlanBuilder plan, Slot source) {
    plan.filter(List.of(source), frame -> run(frame, source));
  }

  private static void run(Frame frame, Slot source) {
    Values values = frame.get(source.id());
    double[] numbers = values instanceof DoubleColumn n ? n.values() : null;
    for (int row = 0; row < frame.rows(); row++) {
      if (values.isNull(row) || numbers != null && Double.isNaN(numbers[row])) {
        frame.fail(row, source.id(), InvalidHandling.DROPPED);
      }
    }
  }
}
