package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;

/**
 * 1 above a threshold, 0 otherwise; in a column of numbers NaN is 0, and so is null but in plans of
 * Spark 3, which keeps it.
 */
final class Binarizer {
  private Binarizer() {}

  static void compile(Element stage, PlanBuilder plan) {
    Slot source = plan.column(stage.require("in"));
    double threshold = stage.number("threshold");
    if (source.type() == SparkType.VECTOR) {
      vectors(stage, plan, source, threshold);
      return;
    }
    boolean keepNull = stage.flag("keep-null", false);
    Slot number = plan.number(source);
    Slot target = plan.define(stage.require("out"), SparkType.DOUBLE, 0, List.of(number));
    plan.step(
        List.of(number),
        List.of(target),
        frame -> {
          DoubleColumn in = frame.doubles(number.id());
          double[] out = new double[frame.rows()];
          for (int row = 0; row < out.length; row++) {
            out[row] = !in.isNull(row) && in.values()[row] > threshold ? 1.0 : 0.0;
          }
          frame.set(target.id(), new DoubleColumn(out, keepNull ? in.nulls() : null));
        });
  }

  private static void vectors(Element stage, PlanBuilder plan, Slot source, double threshold) {
    if (threshold < 0) {
      throw new UnsupportedElement(
          "binarizer", "binarising vectors at a threshold below zero is not compiled");
    }
    Session session = plan.session();
    VectorStage.addElementwise(
        stage,
        plan,
        source,
        (in, row, out) -> {
          for (int k = in.starts()[row]; k < in.starts()[row + 1]; k++) {
            if (in.values()[k] > threshold) {
              out.add(VectorStage.index(in, row, k), 1.0);
            }
          }
          Compression.end(out, session, source.size());
          return null;
        });
  }
}
