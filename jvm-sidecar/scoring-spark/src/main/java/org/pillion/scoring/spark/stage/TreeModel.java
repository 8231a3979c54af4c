package org.pillion.scoring.spark.stage;

import java.util.function.Supplier;
import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** What Spark's models of trees have in common. */
final class TreeModel {
  private TreeModel() {}

  /** How many classes a model has, which is at least one. */
  static int classes(Element model) {
    int classes = model.count("classes");
    if (classes == 0) {
      throw new InvalidModel("the plan's " + model.name() + " has no classes");
    }
    return classes;
  }

  /** Classes of a forest; a rule serves one call. */
  static Classifier classify(
      Element model,
      PlanBuilder plan,
      int classes,
      Forest forest,
      Supplier<LeafRule> rules,
      Classifier.Probability probability) {
    int features = model.count("size");
    LeafWalk walk = new LeafWalk(forest, features);
    Classifier.Raw raw =
        (vectors, rows, count, out) -> walk.each(vectors, rows, count, rules.get(), classes, out);
    Slot vectors = plan.vectors(model.require("features"), features);
    return Classifier.addBatched(
            model,
            plan,
            classes,
            features,
            raw,
            probability,
            Classifier.label(model, classes, probability))
        .shorten(plan, walk.direct(plan, vectors, rules, classes));
  }

  /** Classes by what a rule adds up of the leaves' shares of them. */
  static void classifyByShares(
      Element model, PlanBuilder plan, int classes, Forest forest, LeafRule rule) {
    classify(model, plan, classes, forest, () -> rule, Sums::normalize)
        .attribute(
            plan,
            Explanation.Method.TREE_PATH,
            Explanation.Scale.PROBABILITY,
            TreePaths.ofShares(forest, classes, rule));
  }

  /** A weighted sum of a forest's numbers; a rule serves one call. */
  static void predict(
      Element model, PlanBuilder plan, Forest forest, double[] weights, Supplier<LeafRule> rules) {
    int features = model.count("size");
    LeafWalk walk = new LeafWalk(forest, features);
    TreePaths.Total total =
        leaves -> {
          double[] out = new double[1];
          rules.get().write(leaves, 1, out);
          return out[0];
        };
    Regressor.addSplit(
        model,
        plan,
        features,
        (vectors, rows, count, out) -> walk.each(vectors, rows, count, rules.get(), 1, out),
        walk.direct(plan, plan.vectors(model.require("features"), features), rules, 1),
        Explanation.Method.TREE_PATH,
        TreePaths.ofNumbers(forest, weights, total));
  }
}
