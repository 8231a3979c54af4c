package org.pillion.scoring.spark.stage;

import org.pillion.scoring.spark.column.VectorColumn;

/** Finds the leaves that rows lead to in all trees of a forest, and applies a rule to them. */
final class LeafWalk {
  /** Rows at a time; their ranks and leaves stay in the processor's first cache. */
  private static final int BLOCK = 64;

  private final Forest forest;
  private final int features;
  private final ThresholdIndex thresholds;

  /** Null where the forest can't be compiled to another form. */
  private final LeafFinder finder;

  LeafWalk(Forest forest, int features) {
    LeafSets.Shape shape = LeafSets.Shape.of(forest);
    this.forest = forest;
    this.features = features;
    this.thresholds = shape == null ? null : ThresholdIndex.of(forest);
    this.finder = thresholds == null ? null : finder(thresholds, shape);
  }

  private static LeafFinder finder(ThresholdIndex thresholds, LeafSets.Shape shape) {
    LeafSets sets = LeafSets.of(thresholds, shape);
    return sets == null ? QuantizedForest.of(thresholds) : sets;
  }

  /**
   * Applies a rule to several rows.
   *
   * @param rows positions of the rows, the first {@code count} of them; none is null
   * @param out takes {@code width} numbers a row, each row's at its position
   */
  void each(VectorColumn vectors, int[] rows, int count, LeafRule rule, int width, double[] out) {
    double[] x = new double[features];
    if (finder == null) {
      for (int i = 0; i < count; i++) {
        vectors.copyRow(rows[i], x);
        rule.write(forest.leaves(x), 0, out, rows[i] * width);
      }
      return;
    }
    double[] other = new double[features];
    int trees = forest.trees();
    int columns = thresholds.width();
    int block = Math.min(count, BLOCK);
    int[] of = new int[block * columns];
    int[] leaves = new int[block * trees];
    for (int from = 0; from < count; from += block) {
      int size = Math.min(count - from, block);
      for (int i = 0; i < size; i++) {
        double[] row = i % 2 == 0 ? x : other;
        vectors.copyRow(rows[from + i], row);
        thresholds.encode(row, i == 0 ? null : i % 2 == 0 ? other : x, of, i * columns);
      }
      finder.find(of, size, leaves);
      for (int i = 0; i < size; i++) {
        rule.write(leaves, i * trees, out, rows[from + i] * width);
      }
    }
  }
}
