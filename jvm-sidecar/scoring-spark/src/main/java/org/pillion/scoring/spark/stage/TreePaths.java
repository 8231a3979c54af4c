package org.pillion.scoring.spark.stage;

import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.Attribution;

/**
 * Splits what trees predict along a row's paths: the roots' values are the base, and the change
 * from a node's value to its child's counts for the feature that the node looks at.
 */
final class TreePaths {
  /** Why trees are not split, as the ending of a sentence that begins with their column. */
  static final String NO_INNER_VALUES =
      "is made of trees whose inner nodes have no values in this document; export it again";

  private TreePaths() {}

  /** What a weighted sum of trees computes for a row, by its leaves. */
  interface Total {
    double of(int[] leaves);
  }

  /**
   * A weighted sum of the trees' first numbers; null where inner nodes have no values.
   *
   * @param total what the model computes
   */
  static Attribution.Rule ofNumbers(Forest forest, double[] weights, Total total) {
    if (!forest.hasInnerValues()) {
      return null;
    }
    return (features, row, element, parts) -> {
      double[] x = array(features, row);
      double base = 0.0;
      for (int tree = 0; tree < forest.trees(); tree++) {
        base += weights[tree] * forest.nodeValue(forest.root(tree));
        forest.addPath(tree, x, forest::nodeValue, weights[tree], parts);
      }
      return new Attribution.Sum(base, total.of(forest.leaves(x)));
    };
  }

  /** The same for the number of one class and its negative for the other. */
  static Attribution.Rule ofTwoClasses(Forest forest, double[] weights, Total total) {
    Attribution.Rule second = ofNumbers(forest, weights, total);
    return second == null ? null : LinearTerms.mirrored(second);
  }

  /**
   * The mean over the trees of each class's share of its node's counts.
   *
   * @param shares what the model computes of a row: a number per class, as its raw predictions are
   */
  static Attribution.Rule ofShares(Forest forest, int classes, LeafRule shares) {
    return (features, row, element, parts) -> {
      double[] x = array(features, row);
      double[] votes = new double[classes];
      shares.write(forest.leaves(x), 1, votes);
      Sums.normalize(votes, 0, classes);
      Forest.NodeValue share = node -> forest.share(node, element);
      double weight = 1.0 / forest.trees();
      double base = 0.0;
      for (int tree = 0; tree < forest.trees(); tree++) {
        base += weight * share.of(forest.root(tree));
        forest.addPath(tree, x, share, weight, parts);
      }
      return new Attribution.Sum(base, votes[element]);
    };
  }

  private static double[] array(VectorColumn features, int row) {
    double[] x = new double[features.size()];
    features.copyRow(row, x);
    return x;
  }
}
