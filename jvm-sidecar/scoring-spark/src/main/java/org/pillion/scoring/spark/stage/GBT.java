package org.pillion.scoring.spark.stage;

import java.util.function.Supplier;
import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.blas.Blas;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** The dot product of the trees' predictions and weights, dense as Spark takes it. */
final class GBT {
  /** Rows whose products are taken together, while their predictions are in the first cache. */
  private static final int TOGETHER = 4;

  private GBT() {}

  static void compile(Element model, PlanBuilder plan) {
    Forest forest = Forest.of(model, model.count("size"), 1);
    double[] weights = model.doubles("weights");
    if (weights.length != forest.trees()) {
      throw new InvalidModel("the plan's boosted trees have other weights than trees");
    }
    Blas blas = plan.blas();
    if (model.has("classes")) {
      if (model.count("classes") != 2) {
        throw new InvalidModel("the plan's boosted trees have other classes than two");
      }
      Supplier<LeafRule> margins =
          () -> {
            double[] room = new double[TOGETHER * weights.length];
            return (leaves, rows, out) -> {
              margins(blas, forest, weights, room, leaves, rows, out);
              for (int row = rows - 1; row >= 0; row--) {
                double margin = out[row];
                out[2 * row] = -margin;
                out[2 * row + 1] = margin;
              }
            };
          };
      TreeModel.classify(model, plan, 2, forest, margins, GBT::boostedProbability)
          .attribute(
              plan,
              Explanation.Method.TREE_PATH,
              Explanation.Scale.MARGIN,
              TreePaths.ofTwoClasses(
                  forest, weights, leaves -> margin(blas, forest, weights, leaves)));
    } else {
      Supplier<LeafRule> margins =
          () -> {
            double[] room = new double[TOGETHER * weights.length];
            return (leaves, rows, out) -> margins(blas, forest, weights, room, leaves, rows, out);
          };
      TreeModel.predict(model, plan, forest, weights, margins);
    }
  }

  private static double margin(Blas blas, Forest forest, double[] weights, int[] leaves) {
    double[] out = new double[1];
    margins(blas, forest, weights, new double[weights.length], leaves, 1, out);
    return out[0];
  }

  /**
   * Writes the margins of rows.
   *
   * @param room for the trees' predictions for up to {@link #TOGETHER} of them
   */
  private static void margins(
      Blas blas,
      Forest forest,
      double[] weights,
      double[] room,
      int[] leaves,
      int rows,
      double[] out) {
    int trees = weights.length;
    for (int row = 0; row < rows; row += TOGETHER) {
      int count = Math.min(TOGETHER, rows - row);
      forest.values(leaves, row * trees, count * trees, room);
      blas.dots(trees, room, count, weights, out, row);
    }
  }

  private static void boostedProbability(double[] values, int start, int n) {
    double negative = 1.0 / (1.0 + Math.exp(-2.0 * values[start]));
    values[start] = negative;
    values[start + 1] = 1.0 - negative;
  }
}
