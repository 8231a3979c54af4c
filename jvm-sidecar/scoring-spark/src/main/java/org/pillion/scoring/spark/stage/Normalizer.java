package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Divides a vector by its p-norm, unless that is zero. */
final class Normalizer {
  private Normalizer() {}

  static void compile(Element stage, PlanBuilder plan) {
    double p = stage.number("p");
    if (!(p >= 1.0)) {
      throw new InvalidModel("the plan's normalizer has the norm " + p);
    }
    Slot source = plan.vectors(stage.require("in"));
    VectorStage.add(
        stage,
        plan,
        source,
        source.size(),
        (in, row, out) -> {
          double norm = norm(in, row, p);
          for (int k = in.starts()[row]; k < in.starts()[row + 1]; k++) {
            double value = in.values()[k];
            out.add(VectorStage.index(in, row, k), norm != 0.0 ? value / norm : value);
          }
          VectorStage.endAlike(in, row, out);
          return null;
        });
  }

  private static double norm(VectorColumn in, int row, double p) {
    if (p == 2.0) {
      return Distance.norm(in, row);
    }
    double norm = 0.0;
    for (int k = in.starts()[row]; k < in.starts()[row + 1]; k++) {
      double size = Math.abs(in.values()[k]);
      if (p == 1.0) {
        norm += size;
      } else if (p == Double.POSITIVE_INFINITY) {
        norm = size > norm ? size : norm;
      } else {
        norm += Math.pow(size, p);
      }
    }
    return p == 1.0 || p == Double.POSITIVE_INFINITY ? norm : Math.pow(norm, 1.0 / p);
  }
}
