package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.function.Supplier;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.booster.DoubleMath;
import org.pillion.scoring.spark.plan.PlanBuilder;

/**
 * The models of {@code pillion.lightgbm}: leaves' numbers added up tree by tree, and what the
 * objective makes of the sums.
 */
final class LightGBM {
  /** Rows whose sums are taken side by side, as each waits for its last addition. */
  private static final int TOGETHER = 4;

  private LightGBM() {}

  static void compile(Element model, PlanBuilder plan) {
    int features = model.count("size");
    Forest forest = Forest.of(model, features, 1);
    int groups = model.count("groups");
    if (groups == 0 || forest.trees() % groups != 0) {
      throw new InvalidModel("the plan's lightgbm has other trees than groups");
    }
    // LightGBM's version is for people to read.
    model.require("version");
    double rounds = model.flag("average") ? forest.trees() / groups : 1;
    LeafWalk walk = new LeafWalk(forest, features);
    Supplier<LeafRule> sums = () -> (leaves, rows, out) -> sums(forest, groups, leaves, rows, out);
    if (model.require("link").startsWith("classes")) {
      classify(model, plan, walk, groups, sums, probability(model, groups, rounds));
      return;
    }
    Objective objective = objective(model);
    if (groups != 1) {
      throw new InvalidModel("the plan's lightgbm predicts one number of %d".formatted(groups));
    }
    Regressor.add(
        model,
        plan,
        features,
        (vectors, rows, count, out) -> {
          walk.each(vectors, rows, count, sums.get(), 1, out);
          for (int i = 0; i < count; i++) {
            out[rows[i]] = objective.apply(out[rows[i]] / rounds);
          }
        });
  }

  private static void classify(
      Element model,
      PlanBuilder plan,
      LeafWalk walk,
      int groups,
      Supplier<LeafRule> sums,
      Classifier.Probability probability) {
    int classes = Math.max(groups, 2);
    Classifier.Raw raw =
        (vectors, rows, count, out) -> {
          if (groups > 1) {
            walk.each(vectors, rows, count, sums.get(), groups, out);
            return;
          }
          double[] margins = new double[out.length / 2];
          walk.each(vectors, rows, count, sums.get(), 1, margins);
          for (int i = 0; i < count; i++) {
            out[2 * rows[i]] = -margins[rows[i]];
            out[2 * rows[i] + 1] = margins[rows[i]];
          }
        };
    Classifier.addBatched(
        model,
        plan,
        classes,
        model.count("size"),
        raw,
        probability,
        new Classifier.Label() {
          @Override
          public double ofRaw(double[] values, int start, int n) {
            double[] shares = Arrays.copyOfRange(values, start, start + n);
            probability.apply(shares, 0, n);
            return Classifier.argmax(shares, 0, n);
          }

          @Override
          public double ofProbability(double[] shares, int start, int n) {
            return Classifier.argmax(shares, start, n);
          }
        });
  }

  private static Objective objective(Element model) {
    String name = model.require("link");
    return switch (name) {
      case "identity" -> sum -> sum;
      case "square" -> sum -> (sum > 0 ? 1 : sum < 0 ? -1 : 0) * sum * sum;
      case "exp" -> DoubleMath::exp;
      case "logistic" -> sum -> share(sum, 1.0);
      default -> throw model.unsupported("link");
    };
  }

  /** What an objective makes of a sum. */
  private interface Objective {
    double apply(double sum);
  }

  private static Classifier.Probability probability(Element model, int groups, double rounds) {
    double slope = model.number("slope");
    boolean alone = model.require("link").equals("classes-alone");
    if (groups == 1) {
      return (values, start, n) -> {
        values[start + 1] = share(values[start + 1] / rounds, slope);
        values[start] = 1.0 - values[start + 1];
      };
    }
    return (values, start, n) -> {
      for (int i = start; i < start + n; i++) {
        values[i] = alone ? share(values[i] / rounds, slope) : values[i] / rounds;
      }
      if (!alone) {
        softmax(values, start, n);
      }
    };
  }

  private static double share(double sum, double slope) {
    return 1.0 / (1.0 + DoubleMath.exp(-slope * sum));
  }

  private static void softmax(double[] values, int start, int n) {
    double max = values[start];
    for (int i = start + 1; i < start + n; i++) {
      max = Math.max(max, values[i]);
    }
    double total = 0.0;
    for (int i = start; i < start + n; i++) {
      values[i] = DoubleMath.exp(values[i] - max);
      total += values[i];
    }
    for (int i = start; i < start + n; i++) {
      values[i] /= total;
    }
  }

  /** Adds up the numbers of each row's leaves, tree by tree; a tree is of the next group. */
  private static void sums(Forest forest, int groups, int[] leaves, int rows, double[] out) {
    int trees = forest.trees();
    Arrays.fill(out, 0, rows * groups, 0.0);
    int row = 0;
    for (; groups == 1 && row + TOGETHER <= rows; row += TOGETHER) {
      addFour(forest, leaves, row * trees, out, row);
    }
    for (; row < rows; row++) {
      for (int tree = 0; tree < trees; tree++) {
        out[row * groups + tree % groups] += forest.value(leaves[row * trees + tree]);
      }
    }
  }

  private static void addFour(Forest forest, int[] leaves, int at, double[] out, int row) {
    int count = forest.trees();
    double a = 0.0;
    double b = 0.0;
    double c = 0.0;
    double d = 0.0;
    for (int i = at; i < at + count; i++) {
      a += forest.value(leaves[i]);
      b += forest.value(leaves[i + count]);
      c += forest.value(leaves[i + 2 * count]);
      d += forest.value(leaves[i + 3 * count]);
    }
    out[row] = a;
    out[row + 1] = b;
    out[row + 2] = c;
    out[row + 3] = d;
  }
}
