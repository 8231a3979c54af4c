package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Shifts and scales; only a shift makes a sparse vector dense. */
final class StandardScaler {
  private StandardScaler() {}

  static void compile(Element stage, PlanBuilder plan) {
    double[] shift = stage.hasChild("shift") ? stage.doubles("shift") : null;
    double[] scale = stage.hasChild("scale") ? stage.doubles("scale") : null;
    Slot source = plan.vectors(stage.require("in"));
    VectorStage.requireLength(stage, source, shift);
    VectorStage.requireLength(stage, source, scale);
    VectorStage.addElementwise(
        stage,
        plan,
        source,
        (in, row, out) -> {
          if (shift == null) {
            scaleStored(in, row, out, scale);
            VectorStage.endAlike(in, row, out);
          } else {
            double[] x = new double[source.size()];
            in.copyRow(row, x);
            for (int i = 0; i < x.length; i++) {
              double shifted = x[i] - shift[i];
              out.add(i, scale == null ? shifted : shifted * scale[i]);
            }
            out.endDense();
          }
          return null;
        });
  }

  private static void scaleStored(VectorColumn in, int row, VectorBuilder out, double[] scale) {
    for (int k = in.starts()[row]; k < in.starts()[row + 1]; k++) {
      int index = VectorStage.index(in, row, k);
      out.add(index, scale == null ? in.values()[k] : in.values()[k] * scale[index]);
    }
  }
}
