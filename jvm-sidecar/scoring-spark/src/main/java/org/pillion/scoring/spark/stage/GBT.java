package org.pillion.scoring.spark.stage;

import java.util.function.Supplier;
import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.blas.Blas;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** The dot product of the trees' predictions and weights, dense as Spark takes it. */
final class GBT {
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
            double[] room = new double[weights.length];
            return (leaves, at, out, start) -> {
              double margin = margin(blas, forest, weights, room, leaves, at);
              out[start] = -margin;
              out[start + 1] = margin;
            };
          };
      TreeModel.classify(model, plan, 2, forest, margins, GBT::boostedProbability)
          .attribute(
              plan,
              Explanation.Method.TREE_PATH,
              Explanation.Scale.MARGIN,
              TreePaths.ofTwoClasses(
                  forest,
                  weights,
                  leaves -> margin(blas, forest, weights, new double[weights.length], leaves, 0)));
    } else {
      Supplier<LeafRule> margins =
          () -> {
            double[] room = new double[weights.length];
            return (leaves, at, out, row) ->
                out[row] = margin(blas, forest, weights, room, leaves, at);
          };
      TreeModel.predict(model, plan, forest, weights, margins);
    }
  }

  private static double margin(
      Blas blas, Forest forest, double[] weights, double[] predictions, int[] leaves, int at) {
    for (int tree = 0; tree < predictions.length; tree++) {
      predictions[tree] = forest.value(leaves[at + tree]);
    }
    return blas.dot(predictions.length, predictions, 0, weights, 0);
  }

  private static void boostedProbability(double[] values, int start, int n) {
    double negative = 1.0 / (1.0 + Math.exp(-2.0 * values[start]));
    values[start] = negative;
    values[start + 1] = 1.0 - negative;
  }
}
