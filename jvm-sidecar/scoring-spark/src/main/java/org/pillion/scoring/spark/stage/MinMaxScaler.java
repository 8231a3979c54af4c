package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;

/** Brings each element into a range; one that was constant in training to its middle. */
final class MinMaxScaler {
  private MinMaxScaler() {}

  static void compile(Element stage, PlanBuilder plan) {
    double[] low = stage.doubles("low");
    double[] high = stage.doubles("high");
    double min = stage.number("min");
    double max = stage.number("max");
    Slot source = plan.vectors(stage.require("in"));
    VectorStage.requireLength(stage, source, low);
    VectorStage.requireLength(stage, source, high);
    double[] scale = new double[low.length];
    for (int i = 0; i < scale.length; i++) {
      double range = high[i] - low[i];
      scale[i] = range != 0.0 ? (max - min) / range : 0.0;
    }
    double middle = (min + max) / 2;
    Session session = plan.session();
    VectorStage.addElementwise(
        stage,
        plan,
        source,
        (in, row, out) -> {
          double[] x = new double[scale.length];
          in.copyRow(row, x);
          for (int i = 0; i < x.length; i++) {
            if (!Double.isNaN(x[i])) {
              x[i] = scale[i] != 0.0 ? (x[i] - low[i]) * scale[i] + min : middle;
            }
            out.add(i, x[i]);
          }
          Compression.end(out, session, x.length);
          return null;
        });
  }
}
