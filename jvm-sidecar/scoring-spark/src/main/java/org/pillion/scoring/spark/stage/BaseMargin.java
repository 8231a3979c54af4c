package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** The margin that a row begins with, after the features of a booster; null is NaN. */
final class BaseMargin {
  private BaseMargin() {}

  static void compile(Element stage, PlanBuilder plan) {
    Slot features = plan.vectors(stage.require("features"));
    Slot margin = plan.number(stage.require("margin"));
    int size = features.size();
    List<Slot> sources = List.of(features, margin);
    Slot target = plan.define(stage.require("out"), SparkType.VECTOR, size + 1, sources);
    plan.origins(
        target,
        element -> element < size ? plan.origin(features, element) : plan.origin(margin, 0));
    plan.step(
        sources, List.of(target), frame -> frame.set(target.id(), run(frame, features, margin)));
  }

  private static VectorColumn run(Frame frame, Slot features, Slot margin) {
    VectorColumn in = frame.vectors(features.id());
    DoubleColumn margins = frame.doubles(margin.id());
    int size = in.size() + 1;
    double[] out = new double[Math.multiplyExact(frame.rows(), size)];
    for (int row = 0; row < frame.rows(); row++) {
      if (!in.isNull(row)) {
        in.copyRow(row, out, row * size);
      }
      out[row * size + size - 1] = margins.isNull(row) ? Double.NaN : margins.values()[row];
    }
    return VectorColumn.ofDense(frame.rows(), size, out, in.nulls());
  }
}
