package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Per table, the number of the bucket that a projection falls into. */
final class BucketedRandomProjectionLSH {
  private BucketedRandomProjectionLSH() {}

  static void compile(Element stage, PlanBuilder plan) {
    Matrix matrix = Matrix.of(plan.blas(), stage.requireChild("matrix"));
    double factor = 1.0 / stage.number("length");
    Slot source = plan.vectors(stage.require("in"), matrix.columns());
    int tables = matrix.rows();
    VectorStage.add(
        stage,
        plan,
        source,
        tables,
        (in, row, out) -> {
          double[] projections = new double[tables];
          matrix.addProduct(in, row, projections, new double[tables]);
          for (int i = 0; i < tables; i++) {
            double scaled = projections[i] * factor;
            // Spark adds zero to the product with a sparse vector only.
            out.add(i, Math.floor(in.dense()[row] ? scaled : scaled + 0.0));
          }
          out.endDense();
          return null;
        });
  }
}
