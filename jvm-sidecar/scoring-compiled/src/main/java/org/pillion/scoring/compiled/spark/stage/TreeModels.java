package org.pillion.scoring.compiled.spark.stage;

import java.util.Arrays;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.compiled.spark.blas.Blas;
import org.pillion.scoring.compiled.spark.column.Vectors;
import org.pillion.scoring.compiled.spark.plan.Element;
import org.pillion.scoring.compiled.spark.plan.PlanBuilder;

/** Spark's decision trees, random forests and gradient-boosted trees. */
final class TreeModels {
  private TreeModels() {}

  static void decisionTree(Element model, PlanBuilder plan) {
    int features = model.count("size");
    if (model.has("classes")) {
      int classes = classes(model);
      Forest forest = Forest.of(model, features, classes);
      TreePaths.Votes votes =
          (x, out, start) -> {
            int leaf = forest.leaf(0, x);
            for (int i = 0; i < classes; i++) {
              out[start + i] = forest.value(leaf, i);
            }
          };
      classify(model, plan, classes, features, votes, Sums::normalize)
          .attribute(
              plan,
              Explanation.Method.TREE_PATH,
              Explanation.Scale.PROBABILITY,
              TreePaths.ofShares(forest, classes, votes));
    } else {
      Forest forest = Forest.of(model, features, 1);
      predict(
          model, plan, features, forest, new double[] {1.0}, x -> forest.value(forest.leaf(0, x)));
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
      TreePaths.Votes votes =
          (x, out, start) -> {
            Arrays.fill(out, start, start + classes, 0.0);
            for (int tree = 0; tree < forest.trees(); tree++) {
              int leaf = forest.leaf(tree, x);
              for (int i = 0; i < classes; i++) {
                out[start + i] += forest.value(leaf, i);
              }
            }
          };
      classify(model, plan, classes, features, votes, Sums::normalize)
          .attribute(
              plan,
              Explanation.Method.TREE_PATH,
              Explanation.Scale.PROBABILITY,
              TreePaths.ofShares(forest, classes, votes));
    } else {
      Forest forest = Forest.of(model, features, 1);
      double[] weights = new double[forest.trees()];
      Arrays.fill(weights, 1.0 / weights.length);
      predict(model, plan, features, forest, weights, x -> mean(forest, x));
    }
  }

  /** Trees whose weighted sum is a number. */
  private static void predict(
      Element model,
      PlanBuilder plan,
      int features,
      Forest forest,
      double[] weights,
      TreePaths.Total total) {
    Regressor.addSplit(
        model,
        plan,
        features,
        Regressor.dense(features, total::of),
        Explanation.Method.TREE_PATH,
        TreePaths.ofNumbers(forest, weights, total));
  }

  private static double mean(Forest forest, double[] x) {
    double sum = forest.value(forest.leaf(0, x));
    for (int tree = 1; tree < forest.trees(); tree++) {
      sum += forest.value(forest.leaf(tree, x));
    }
    return sum / forest.trees();
  }

  /** The dot product of the trees' predictions and weights, dense as Spark takes it. */
  static void gradientBoostedTrees(Element model, PlanBuilder plan) {
    int features = model.count("size");
    Forest forest = Forest.of(model, features, 1);
    double[] weights = model.doubles("weights");
    if (weights.length != forest.trees()) {
      throw new InvalidModel("the plan's boosted trees have other weights than trees");
    }
    Blas blas = plan.blas();
    if (model.has("classes")) {
      if (model.count("classes") != 2) {
        throw new InvalidModel("the plan's boosted trees have other classes than two");
      }
      Classifier.Probability probability = TreeModels::boostedProbability;
      classify(
              model,
              plan,
              2,
              features,
              (x, out, start) -> {
                double margin = margin(blas, forest, weights, x);
                out[start] = -margin;
                out[start + 1] = margin;
              },
              probability)
          .attribute(
              plan,
              Explanation.Method.TREE_PATH,
              Explanation.Scale.MARGIN,
              TreePaths.ofTwoClasses(forest, weights, x -> margin(blas, forest, weights, x)));
    } else {
      predict(model, plan, features, forest, weights, x -> margin(blas, forest, weights, x));
    }
  }

  private static double margin(Blas blas, Forest forest, double[] weights, double[] x) {
    double[] predictions = new double[weights.length];
    for (int tree = 0; tree < predictions.length; tree++) {
      predictions[tree] = forest.value(forest.leaf(tree, x));
    }
    return blas.dot(predictions.length, predictions, 0, weights, 0);
  }

  private static void boostedProbability(double[] values, int start, int n) {
    double negative = 1.0 / (1.0 + Math.exp(-2.0 * values[start]));
    values[start] = negative;
    values[start + 1] = 1.0 - negative;
  }

  private static Classifier classify(
      Element model,
      PlanBuilder plan,
      int classes,
      int features,
      TreePaths.Votes rule,
      Classifier.Probability probability) {
    ThreadLocal<double[]> room = ThreadLocal.withInitial(() -> new double[features]);
    Classifier.Raw raw =
        (Vectors vectors, int row, double[] out, int start) -> {
          double[] x = room.get();
          vectors.copyRow(row, x);
          rule.write(x, out, start);
        };
    return Classifier.add(
        model,
        plan,
        classes,
        features,
        raw,
        probability,
        Classifier.label(model, classes, probability));
  }
}
