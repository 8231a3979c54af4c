package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * Replaces features by their ranks among a forest's thresholds.
 *
 * <p>A feature is at most a threshold exactly if no more thresholds are below the feature than
 * below that threshold, so that small whole numbers can stand for the features. NaN ranks above all
 * thresholds. A category's rank is its number plus one; all values that are none share one rank.
 *
 * @param forest the forest
 * @param columns per feature the column of its rank among thresholds, then per feature the column
 *     of its categories
 * @param features per column, the feature that it is made of
 * @param cuts per column, the thresholds, ascending; null for categories
 */
record ThresholdIndex(Forest forest, int[] columns, int[] features, double[][] cuts) {
  private static final int UNLISTED = Long.SIZE - 1;

  /** The ranks of a forest's features, or null where a threshold or a category has none. */
  static ThresholdIndex of(Forest forest) {
    int size = 0;
    for (int node = 0; node < forest.nodes(); node++) {
      size = Math.max(size, forest.feature(node) + 1);
    }
    double[][] thresholds = new double[size][];
    boolean[] listed = new boolean[size];
    TreeSet<Double>[] sets = sets(size);
    for (int node = 0; node < forest.nodes(); node++) {
      if (forest.isLeaf(node)) {
        continue;
      }
      int feature = forest.feature(node);
      if (forest.categories(node) == null) {
        if (Double.isNaN(forest.threshold(node))) {
          return null;
        }
        sets[feature].add(cut(forest, node));
      } else if (forest.categories(node).length() >= UNLISTED) {
        return null;
      } else {
        listed[feature] = true;
      }
    }
    int[] columns = new int[2 * size];
    int[] features = new int[2 * size];
    double[][] cuts = new double[2 * size][];
    int width = 0;
    for (int feature = 0; feature < size; feature++) {
      if (!sets[feature].isEmpty()) {
        cuts[width] = sets[feature].stream().mapToDouble(Double::doubleValue).toArray();
        features[width] = feature;
        columns[feature] = width++;
      }
      if (listed[feature]) {
        features[width] = feature;
        columns[size + feature] = width++;
      }
    }
    return new ThresholdIndex(
        forest, columns, Arrays.copyOf(features, width), Arrays.copyOf(cuts, width));
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static TreeSet<Double>[] sets(int size) {
    TreeSet<Double>[] sets = new TreeSet[size];
    Arrays.setAll(sets, feature -> new TreeSet<>());
    return sets;
  }

  /** Zeros of both signs are one number here, as they are in a comparison. */
  private static double cut(Forest forest, int node) {
    return forest.threshold(node) + 0.0;
  }

  /** Number of columns. */
  int width() {
    return features.length;
  }

  /** Number of ranks of a column, from 0 on. */
  int count(int column) {
    return cuts[column] == null ? UNLISTED + 1 : cuts[column].length + 1;
  }

  /** The column that a node asks for. */
  int column(int node) {
    boolean categorical = forest.categories(node) != null;
    return columns[(categorical ? columns.length / 2 : 0) + forest.feature(node)];
  }

  /** The highest rank that goes left at a node with a threshold. */
  int highest(int node) {
    return Arrays.binarySearch(cuts[column(node)], cut(forest, node));
  }

  /** The ranks that go left at a node; a category's rank 0 stands for nothing. */
  IntPredicate goingLeft(int node) {
    if (forest.categories(node) == null) {
      int highest = highest(node);
      return rank -> rank <= highest;
    }
    return rank -> forest.goesLeft(node, rank == UNLISTED ? Double.NaN : rank - 1);
  }

  /**
   * Writes the ranks of a row's features, column by column from {@code start} on.
   *
   * @param before the features of the row whose ranks were written just before, or null: equal
   *     numbers have equal ranks
   */
  void encode(double[] x, double[] before, int[] ranks, int start) {
    for (int column = 0; column < features.length; column++) {
      double value = x[features[column]];
      int index = start + column;
      if (before != null && before[features[column]] == value) {
        ranks[index] = ranks[index - features.length];
      } else {
        double[] among = cuts[column];
        ranks[index] = among == null ? category(value) : below(among, value);
      }
    }
  }

  private static int category(double value) {
    int category = (int) value;
    boolean whole = category == value && category >= 0 && category < UNLISTED - 1;
    return whole ? category + 1 : UNLISTED;
  }

  /** Number of cuts that are below a value; all of them for NaN. */
  private static int below(double[] cuts, double value) {
    int low = 0;
    int length = cuts.length;
    while (length > 1) {
      int half = length >>> 1;
      low += cuts[low + half - 1] >= value ? 0 : half;
      length -= half;
    }
    return low + (cuts[low] >= value ? 0 : 1);
  }
}
