package org.pillion.scoring.spark.stage;

import java.util.List;
import java.util.function.Supplier;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Finds the leaves that rows lead to in all trees of a forest, and applies a rule to them. */
final class LeafWalk {
  /** Rows at a time; their ranks and leaves stay in the processor's first cache. */
  private static final int BLOCK = 64;

  /** Features at a time, of all those rows, so that many of them take less room. */
  private static final int MAX_FEATURES = 1 << 16;

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

  /**
   * What a rule makes of all rows, straight from their columns.
   *
   * @param rules a rule serves one call
   * @param width how many numbers a row gets
   * @return null where the features are no plain columns, or the forest is only walked
   */
  Direct direct(PlanBuilder plan, Slot features, Supplier<LeafRule> rules, int width) {
    AssembledNumbers numbers = finder == null ? null : AssembledNumbers.of(plan, features);
    return numbers == null ? null : new Columns(this, numbers, rules, width);
  }

  private record Columns(
      LeafWalk walk, AssembledNumbers numbers, Supplier<LeafRule> rules, int width)
      implements Direct {
    @Override
    public List<Slot> columns() {
      return numbers.columns();
    }

    @Override
    public double[] compute(Frame frame) {
      double[][] x = numbers.values(frame);
      return x == null ? null : walk.all(x, frame.rows(), rules.get(), width);
    }
  }

  private double[] all(double[][] x, int rows, LeafRule rule, int width) {
    int block = Math.min(rows, BLOCK);
    double[] out = new double[rows * width];
    double[] results = new double[block * width];
    int[] of = new int[block * thresholds.width()];
    int[] leaves = new int[block * forest.trees()];
    for (int from = 0; from < rows; from += block) {
      int size = Math.min(rows - from, block);
      thresholds.encode(x, from, size, of);
      finder.find(of, size, leaves);
      rule.write(leaves, size, results);
      System.arraycopy(results, 0, out, from * width, size * width);
    }
    return out;
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
    int most = Math.min(BLOCK, 1 + MAX_FEATURES / Math.max(1, features));
    int block = finder == null ? 1 : Math.min(count, most);
    double[] x = new double[block * features];
    double[] results = new double[block * width];
    int[] of = new int[finder == null ? 0 : block * thresholds.width()];
    int[] leaves = new int[block * forest.trees()];
    for (int from = 0; from < count; from += block) {
      int size = Math.min(count - from, block);
      for (int i = 0; i < size; i++) {
        vectors.copyRow(rows[from + i], x, i * features);
      }
      if (finder == null) {
        leaves = forest.leaves(x);
      } else {
        thresholds.encode(x, features, size, of);
        finder.find(of, size, leaves);
      }
      rule.write(leaves, size, results);
      for (int i = 0; i < size; i++) {
        System.arraycopy(results, i * width, out, rows[from + i] * width, width);
      }
    }
  }
}
