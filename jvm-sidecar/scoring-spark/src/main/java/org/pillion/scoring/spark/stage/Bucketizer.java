package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Finds the interval that a number falls into; null stays null. */
final class Bucketizer {
  private Bucketizer() {}

  static void compile(Element stage, PlanBuilder plan) {
    InvalidHandling invalid = InvalidHandling.of(stage);
    for (Element column : stage.children("column")) {
      if (invalid == InvalidHandling.SKIP) {
        SkipInvalid.compile(plan, plan.column(column.require("in")));
      }
    }
    for (Element column : stage.children("column")) {
      Slot source = plan.number(column.require("in"));
      double[] splits = column.doubles();
      if (splits.length < 3) {
        throw new InvalidModel("the plan's bucketizer has fewer than three splits");
      }
      for (int i = 1; i < splits.length; i++) {
        if (!(splits[i - 1] < splits[i])) {
          throw new InvalidModel("the plan's bucketizer has splits that do not ascend");
        }
      }
      Slot target = plan.define(column.require("out"), SparkType.DOUBLE, 0, List.of(source));
      boolean keep = invalid == InvalidHandling.KEEP;
      plan.step(
          List.of(source), List.of(target), frame -> run(frame, source, target, splits, keep));
    }
  }

  private static void run(Frame frame, Slot source, Slot target, double[] splits, boolean keep) {
    DoubleColumn in = frame.doubles(source.id());
    double[] out = new double[in.values().length];
    for (int row = 0; row < out.length; row++) {
      if (in.isNull(row) || frame.failed(row)) {
        continue;
      }
      double value = in.values()[row];
      if (Double.isNaN(value)) {
        if (keep) {
          out[row] = splits.length - 1;
        } else {
          frame.fail(row, source.id(), "a bucketizer met NaN");
        }
        continue;
      }
      int bucket = bucket(splits, value);
      if (bucket < 0) {
        frame.fail(
            row,
            source.id(),
            "%s is outside a bucketizer's bounds, %s to %s"
                .formatted(value, splits[0], splits[splits.length - 1]));
      }
      out[row] = bucket;
    }
    frame.set(target.id(), new DoubleColumn(out, in.nulls()));
  }

  /** Java's binary search tells −0.0 from 0.0, and so does Spark. */
  private static int bucket(double[] splits, double value) {
    if (value == splits[splits.length - 1]) {
      return splits.length - 2;
    }
    int found = Arrays.binarySearch(splits, value);
    if (found >= 0) {
      return found;
    }
    int insertion = -found - 1;
    return insertion == splits.length ? -1 : insertion - 1;
  }
}
