package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.function.Supplier;
import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.blas.Blas;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** Spark's decision trees, random forests and gradient-boosted trees. */
final class TreeModels {
  private TreeModels() {}

  static void decisionTree(Element model, PlanBuilder plan) {
    int features = model.count("size");
    if (model.has("classes")) {
      int classes = classes(model);
      Forest forest = Forest.of(model, features, classes);
      LeafRule counts =
          (leaves, at, out, start) -> {
            for (int i = 0; i < classes; i++) {
              out[start + i] = forest.value(leaves[at], i);
            }
          };
      classify(model, plan, classes, forest, () -> counts, Sums::normalize)
          .attribute(
              plan,
              Explanation.Method.TREE_PATH,
              Explanation.Scale.PROBABILITY,
              TreePaths.ofShares(forest, classes, counts));
    } else {
      Forest forest = Forest.of(model, features, 1);
      LeafRule value = (leaves, at, out, row) -> out[row] = forest.value(leaves[at]);
      predict(model, plan, forest, new double[] {1.0}, () -> value);
    }
  }

  private static int classes(Element model) {
    int classes = model.count("classes");
    if (classes == 0) {
      throw new InvalidModel("the plan's " + model.name() + " has no classes");
    }
    return classes;
  }

  /** Votes are each tree's shares of its leaf's counts, added tree by tree. */
  static void randomForest(Element model, PlanBuilder plan) {
    int features = model.count("size");
    if (model.has("classes")) {
      int classes = classes(model);
      Forest forest = Forest.of(model, features, classes);
      forest.toShares();
      LeafRule votes =
          (leaves, at, out, start) -> {
            Arrays.fill(out, start, start + classes, 0.0);
            for (int tree = 0; tree < forest.trees(); tree++) {
              for (int i = 0; i < classes; i++) {
                out[start + i] += forest.value(leaves[at + tree], i);
              }
            }
          };
      classify(model, plan, classes, forest, () -> votes, Sums::normalize)
          .attribute(
              plan,
              Explanation.Method.TREE_PATH,
              Explanation.Scale.PROBABILITY,
              TreePaths.ofShares(forest, classes, votes));
    } else {
      Forest forest = Forest.of(model, features, 1);
      double[] weights = new double[forest.trees()];
      Arrays.fill(weights, 1.0 / weights.length);
      LeafRule mean = (leaves, at, out, row) -> out[row] = mean(forest, leaves, at);
      predict(model, plan, forest, weights, () -> mean);
    }
  }

  private static double mean(Forest forest, int[] leaves, int at) {
    double sum = forest.value(leaves[at]);
    for (int tree = 1; tree < forest.trees(); tree++) {
      sum += forest.value(leaves[at + tree]);
    }
    return sum / forest.trees();
  }

  /** The dot product of the trees' predictions and weights, dense as Spark takes it. */
  static void gradientBoostedTrees(Element model, PlanBuilder plan) {
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
      classify(model, plan, 2, forest, margins, TreeModels::boostedProbability)
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
      predict(model, plan, forest, weights, margins);
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

  /** Classes of a forest; a rule serves one call. */
  private static Classifier classify(
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
    return Classifier.addBatched(
        model,
        plan,
        classes,
        features,
        raw,
        probability,
        Classifier.label(model, classes, probability));
  }

  /** A weighted sum of a forest's numbers; a rule serves one call. */
  private static void predict(
      Element model, PlanBuilder plan, Forest forest, double[] weights, Supplier<LeafRule> rules) {
    int features = model.count("size");
    LeafWalk walk = new LeafWalk(forest, features);
    TreePaths.Total total =
        leaves -> {
          double[] out = new double[1];
          rules.get().write(leaves, 0, out, 0);
          return out[0];
        };
    Regressor.addSplit(
        model,
        plan,
        features,
        (vectors, rows, count, out) -> walk.each(vectors, rows, count, rules.get(), 1, out),
        Explanation.Method.TREE_PATH,
        TreePaths.ofNumbers(forest, weights, total));
  }
}
