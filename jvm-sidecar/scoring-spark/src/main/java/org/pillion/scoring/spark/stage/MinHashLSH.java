package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Per table, the smallest hash of the positions of elements that are not zero. */
final class MinHashLSH {
  private static final long PRIME = 2038074743L;

  private MinHashLSH() {}

  static void compile(Element stage, PlanBuilder plan) {
    int[] factors = stage.ints("factors");
    int[] shifts = stage.ints("shifts");
    if (factors.length != shifts.length || factors.length == 0) {
      throw new InvalidModel("the plan's min-hash has other factors than shifts");
    }
    Slot source = plan.vectors(stage.require("in"));
    VectorStage.add(
        stage,
        plan,
        source,
        factors.length,
        (in, row, out) -> {
          for (int i = 0; i < factors.length; i++) {
            long least = least(in, row, factors[i], shifts[i]);
            if (least == Long.MAX_VALUE) {
              return "min-hash takes no vector of zeros";
            }
            out.add(i, least);
          }
          out.endDense();
          return null;
        });
  }

  private static long least(VectorColumn in, int row, long factor, long shift) {
    long least = Long.MAX_VALUE;
    for (int k = in.starts()[row]; k < in.starts()[row + 1]; k++) {
      if (in.values()[k] != 0.0) {
        least = Math.min(least, ((1L + VectorStage.index(in, row, k)) * factor + shift) % PRIME);
      }
    }
    return least;
  }
}
