package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Turns an index into a sparse vector with at most one 1; null stays null. */
final class OneHotEncoder {
  private OneHotEncoder() {}

  static void compile(Element stage, PlanBuilder plan) {
    boolean keep = InvalidHandling.of(stage) == InvalidHandling.KEEP;
    for (Element column : stage.children("column")) {
      Slot source = plan.number(column.require("in"));
      int categories = column.count("categories");
      int size = column.count("size");
      Slot target = plan.define(column.require("out"), SparkType.VECTOR, size, List.of(source));
      plan.step(
          List.of(source), List.of(target), frame -> run(frame, source, target, categories, keep));
    }
  }

  private static void run(Frame frame, Slot source, Slot target, int categories, boolean keep) {
    DoubleColumn in = frame.doubles(source.id());
    VectorBuilder out = new VectorBuilder(frame.rows(), target.size(), frame.rows());
    for (int row = 0; row < frame.rows(); row++) {
      if (in.isNull(row) || frame.failed(row)) {
        out.endNull();
        continue;
      }
      double label = in.values()[row];
      boolean known = label >= 0.0 && label < categories;
      if (!known && !keep) {
        frame.fail(row, source.id(), "a one-hot encoder has not seen the index " + label);
        out.endNull();
        continue;
      }
      double index = known ? label : categories;
      if (index < target.size()) {
        out.add((int) index, 1.0);
      }
      out.endSparse();
    }
    frame.set(target.id(), out.build());
  }
}
