package org.pillion.scoring.spark.stage;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Replaces the number of a category by what the target was on average. */
final class TargetEncoder {
  /**
   * The encodings of one column.
   *
   * @param known by category
   * @param unseen that of any other; null where Spark throws
   * @param missing that of null; null where Spark throws
   */
  private record Encodings(Map<Double, Double> known, Double unseen, Double missing) {
    static Encodings of(Element column) {
      double[] categories = column.doubles("categories");
      double[] values = column.doubles("values");
      if (categories.length != values.length) {
        throw new InvalidModel("the plan's target encoder has other categories than values");
      }
      Map<Double, Double> known = new HashMap<>();
      for (int i = 0; i < values.length; i++) {
        // Adding zero makes −0.0 the same key as 0.0.
        known.put(categories[i] + 0.0, values[i]);
      }
      return new Encodings(known, optional(column, "unseen"), optional(column, "null"));
    }

    private static Double optional(Element column, String name) {
      return column.has(name) ? (Double) column.number(name) : null;
    }
  }

  private TargetEncoder() {}

  static void compile(Element stage, PlanBuilder plan) {
    for (Element column : stage.children("column")) {
      Slot source = plan.number(column.require("in"));
      Encodings encodings = Encodings.of(column);
      Slot target = plan.define(column.require("out"), SparkType.DOUBLE, 0, List.of(source));
      plan.step(List.of(source), List.of(target), frame -> run(frame, source, target, encodings));
    }
  }

  private static void run(Frame frame, Slot source, Slot target, Encodings encodings) {
    DoubleColumn in = frame.doubles(source.id());
    double[] out = new double[frame.rows()];
    for (int row = 0; row < out.length; row++) {
      boolean isNull = in.isNull(row);
      Double found =
          isNull
              ? encodings.missing
              : encodings.known.getOrDefault(in.values()[row] + 0.0, encodings.unseen);
      if (found != null) {
        out[row] = found;
      } else {
        frame.fail(
            row,
            source.id(),
            isNull ? "a target encoder has seen no null" : "a target encoder has not seen this");
      }
    }
    frame.set(target.id(), new DoubleColumn(out, null));
  }
}
