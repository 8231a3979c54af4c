package org.pillion.scoring.spark.tree;

import java.util.Arrays;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * Replaces features by their ranks among a forest's thresholds.
 *
 * <p>A feature is at most a threshold exactly if no more thresholds are below the feature than
 * below that threshold, so that small whole numbers can stand for the features. NaN ranks above all
 * thresholds, and has a rank of its own where it goes left at some node. A category's rank is its
 * number plus one; all values that no set lists share the last rank.
 *
 * @param forest the forest
 * @param columns per feature the column of its rank among thresholds, then per feature the column
 *     of its categories
 * @param features per column, the feature that it is made of
 * @param cuts per column, the {@linkplain #key keys} of the thresholds, ascending; null for
 *     categories
 * @param counts per column, the number of ranks, from 0 on
 * @param unordered per column of thresholds, whether NaN has the last rank for itself
 */
record ThresholdIndex(
    Trees forest, int[] columns, int[] features, long[][] cuts, int[] counts, boolean[] unordered) {
  /** The highest rank of a category at most, so that the ranks of a set are bits of a word. */
  private static final int MAX_RANK = Long.SIZE - 1;

  /** The ranks of a forest's features, or null where a threshold or a category has none. */
  static ThresholdIndex of(Trees forest) {
    int size = 0;
    for (int node = 0; node < forest.nodes(); node++) {
      size = Math.max(size, forest.feature(node) + 1);
    }
    int[] listed = new int[size];
    boolean[] missing = new boolean[size];
    TreeSet<Long>[] sets = sets(size);
    for (int node = 0; node < forest.nodes(); node++) {
      if (forest.isLeaf(node)) {
        continue;
      }
      int feature = forest.feature(node);
      if (forest.categories(node) == null) {
        if (Double.isNaN(forest.cut(node))) {
          return null;
        }
        sets[feature].add(key(forest.cut(node)));
        missing[feature] |= forest.goesLeft(node, Double.NaN);
      } else if (forest.categories(node).length() >= MAX_RANK) {
        return null;
      } else {
        // Where a set is empty, there is a rank of what it does not list all the same.
        listed[feature] = Math.max(listed[feature], forest.categories(node).length() + 2);
      }
    }
    int[] columns = new int[2 * size];
    int[] features = new int[2 * size];
    long[][] cuts = new long[2 * size][];
    int[] counts = new int[2 * size];
    boolean[] unordered = new boolean[2 * size];
    int width = 0;
    for (int feature = 0; feature < size; feature++) {
      if (!sets[feature].isEmpty()) {
        cuts[width] = sets[feature].stream().mapToLong(Long::longValue).toArray();
        counts[width] = cuts[width].length + (missing[feature] ? 2 : 1);
        unordered[width] = missing[feature];
        features[width] = feature;
        columns[feature] = width++;
      }
      if (listed[feature] > 0) {
        counts[width] = listed[feature];
        features[width] = feature;
        columns[size + feature] = width++;
      }
    }
    return new ThresholdIndex(
        forest,
        columns,
        Arrays.copyOf(features, width),
        Arrays.copyOf(cuts, width),
        Arrays.copyOf(counts, width),
        Arrays.copyOf(unordered, width));
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private static TreeSet<Long>[] sets(int size) {
    TreeSet<Long>[] sets = new TreeSet[size];
    Arrays.setAll(sets, feature -> new TreeSet<>());
    return sets;
  }

  /**
   * A whole number that compares as a number does, but to NaN, which is above all others. Zeros of
   * both signs are one number, as they are in a comparison.
   */
  private static long key(double value) {
    long bits = Double.doubleToLongBits(value + 0.0);
    return bits ^ bits >> Long.SIZE - 1 & Long.MAX_VALUE;
  }

  /** Number of columns. */
  int width() {
    return features.length;
  }

  /** Number of ranks of a column, from 0 on. */
  int count(int column) {
    return counts[column];
  }

  /** The column that a node asks for. */
  int column(int node) {
    boolean categorical = forest.categories(node) != null;
    return columns[(categorical ? columns.length / 2 : 0) + forest.feature(node)];
  }

  /** The highest rank that goes left at a node with a threshold. */
  int highest(int node) {
    return Arrays.binarySearch(cuts[column(node)], key(forest.cut(node)));
  }

  /** The ranks that go left at a node; a category's rank 0 stands for nothing. */
  IntPredicate goingLeft(int node) {
    if (forest.categories(node) == null) {
      int highest = highest(node);
      int column = column(node);
      int missing = unordered[column] ? counts[column] - 1 : Integer.MAX_VALUE;
      return rank -> rank == missing ? forest.goesLeft(node, Double.NaN) : rank <= highest;
    }
    int unlisted = count(column(node)) - 1;
    return rank -> forest.goesLeft(node, rank >= unlisted ? Double.NaN : rank - 1);
  }

  /**
   * Writes the ranks of several rows.
   *
   * @param x the rows' features, row by row
   * @param size number of features
   * @param ranks takes them, row by row, column by column
   */
  void encode(double[] x, int size, int rows, int[] ranks) {
    for (int column = 0; column < features.length; column++) {
      encode(column, x, features[column], size, rows, ranks);
    }
  }

  /**
   * Writes the ranks of several rows.
   *
   * @param x the features, column by column: one a row, or one that all rows share
   * @param from the first of the rows
   * @param ranks takes them, row by row, column by column
   */
  void encode(double[][] x, int from, int rows, int[] ranks) {
    for (int column = 0; column < features.length; column++) {
      double[] values = x[features[column]];
      if (values.length == 1) {
        encode(column, values, 0, 0, rows, ranks);
      } else {
        encode(column, values, from, 1, rows, ranks);
      }
    }
  }

  private void encode(int column, double[] x, int from, int stride, int rows, int[] ranks) {
    int width = features.length;
    long[] among = cuts[column];
    int last = counts[column] - 1;
    for (int row = 0; row < rows; row++) {
      double value = x[from + row * stride];
      ranks[row * width + column] =
          among == null ? category(value, last) : below(among, key(value));
    }
    for (int row = 0; unordered[column] && row < rows; row++) {
      if (Double.isNaN(x[from + row * stride])) {
        ranks[row * width + column] = last;
      }
    }
  }

  private static int category(double value, int unlisted) {
    int category = (int) value;
    boolean listed = category == value && category >= 0 && category < unlisted - 1;
    return listed ? category + 1 : unlisted;
  }

  /** Number of cuts that are below a key; no branch depends on the key. */
  private static int below(long[] cuts, long key) {
    int low = 0;
    int length = cuts.length;
    while (length > 1) {
      int half = length >>> 1;
      low += cuts[low + half - 1] < key ? half : 0;
      length -= half;
    }
    return low + (cuts[low] < key ? 1 : 0);
  }
}
