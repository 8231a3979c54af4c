package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Multiplies each stored element of a vector by a factor. */
final class ElementwiseProduct {
  private ElementwiseProduct() {}

  static void compile(Element stage, PlanBuilder plan) {
    double[] factors = stage.doubles("factors");
    Slot source = plan.vectors(stage.require("in"), factors.length);
    if (factors.length == 0) {
      throw new InvalidModel("the plan's elementwise product has no factors");
    }
    Slot target =
        plan.define(stage.require("out"), SparkType.VECTOR, factors.length, List.of(source));
    VectorStage.elementwise(plan, source, target);
    plan.step(List.of(source), List.of(target), frame -> run(frame, source, target, factors));
  }

  private static void run(Frame frame, Slot source, Slot target, double[] factors) {
    VectorColumn in = frame.vectors(source.id());
    double[] values = in.values().clone();
    for (int row = 0; row < frame.rows(); row++) {
      if (!Classifier.usable(frame, in, row, source)) {
        continue;
      }
      int start = in.starts()[row];
      for (int k = start; k < in.starts()[row + 1]; k++) {
        values[k] *= factors[in.dense()[row] ? k - start : in.indices()[k]];
      }
    }
    frame.set(
        target.id(),
        new VectorColumn(in.size(), in.dense(), in.starts(), in.indices(), values, in.nulls()));
  }
}
