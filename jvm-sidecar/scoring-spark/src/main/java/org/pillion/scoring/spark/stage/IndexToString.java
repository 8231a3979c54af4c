package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** The label that an index stands for; NaN is taken for 0, as a cast to a whole number does. */
final class IndexToString {
  private IndexToString() {}

  static void compile(Element stage, PlanBuilder plan) {
    Slot source = plan.number(stage.require("in"));
    String[] labels = stage.strings();
    Slot target = plan.define(stage.require("out"), SparkType.STRING, 0, List.of(source));
    plan.step(List.of(source), List.of(target), frame -> run(frame, source, target, labels));
  }

  private static void run(Frame frame, Slot source, Slot target, String[] labels) {
    DoubleColumn in = frame.doubles(source.id());
    int[] codes = new int[frame.rows()];
    for (int row = 0; row < codes.length; row++) {
      codes[row] = -1;
      if (in.isNull(row) || frame.failed(row)) {
        continue;
      }
      int index = (int) in.values()[row];
      if (index < 0 || index >= labels.length) {
        frame.fail(row, source.id(), "an index has no label: " + in.values()[row]);
        continue;
      }
      codes[row] = index;
    }
    frame.set(target.id(), new StringColumn(codes, labels));
  }
}
