package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.plan.PlanBuilder;

/**
 * The mean of the trees' numbers, or each tree's shares of its leaf's counts, added tree by tree.
 */
final class RandomForest {
  private RandomForest() {}

  static void compile(Element model, PlanBuilder plan) {
    int features = model.count("size");
    if (model.has("classes")) {
      int classes = TreeModel.classes(model);
      Forest forest = Forest.of(model, features, classes);
      forest.toShares();
      LeafRule votes =
          (leaves, rows, out) -> {
            Arrays.fill(out, 0, rows * classes, 0.0);
            forest.addValues(leaves, rows, out);
          };
      TreeModel.classifyByShares(model, plan, classes, forest, votes);
    } else {
      Forest forest = Forest.of(model, features, 1);
      double[] weights = new double[forest.trees()];
      Arrays.fill(weights, 1.0 / weights.length);
      LeafRule mean =
          (leaves, rows, out) -> {
            for (int row = 0; row < rows; row++) {
              out[row] = mean(forest, leaves, row * forest.trees());
            }
          };
      TreeModel.predict(model, plan, forest, weights, () -> mean);
    }
  }

  private static double mean(Forest forest, int[] leaves, int at) {
    double sum = forest.value(leaves[at]);
    for (int tree = 1; tree < forest.trees(); tree++) {
      sum += forest.value(leaves[at + tree]);
    }
    return sum / forest.trees();
  }
}
