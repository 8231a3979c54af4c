package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** A vector's principal components: a matrix times the vector, always dense. */
final class PCA {
  private PCA() {}

  static void compile(Element stage, PlanBuilder plan) {
    Matrix matrix = Matrix.of(plan.blas(), stage.requireChild("matrix"));
    Slot source = plan.vectors(stage.require("in"), matrix.columns());
    int size = matrix.rows();
    VectorStage.add(
        stage,
        plan,
        source,
        size,
        (in, row, out) -> {
          double[] components = new double[size];
          matrix.addProduct(in, row, components, new double[size]);
          for (int i = 0; i < size; i++) {
            out.add(i, components[i]);
          }
          out.endDense();
          return null;
        });
  }
}
