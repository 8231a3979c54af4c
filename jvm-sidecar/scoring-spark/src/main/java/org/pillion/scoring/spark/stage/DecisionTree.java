package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** What the leaf of a row says: a number, or its shares of classes. */
final class DecisionTree {
  private DecisionTree() {}

  static void compile(Element model, PlanBuilder plan) {
    int features = model.count("size");
    if (model.has("classes")) {
      int classes = TreeModel.classes(model);
      Forest forest = Forest.of(model, features, classes);
      LeafRule counts =
          (leaves, rows, out) -> {
            for (int i = 0; i < rows * classes; i++) {
              out[i] = forest.value(leaves[i / classes], i % classes);
            }
          };
      TreeModel.classifyByShares(model, plan, classes, forest, counts);
    } else {
      Forest forest = Forest.of(model, features, 1);
      LeafRule value = (leaves, rows, out) -> forest.values(leaves, 0, rows, out);
      TreeModel.predict(model, plan, forest, new double[] {1.0}, () -> value);
    }
  }
}
