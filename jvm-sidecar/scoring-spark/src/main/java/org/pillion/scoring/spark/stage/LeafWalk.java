package org.pillion.scoring.spark.stage;

import java.util.List;
import java.util.function.Supplier;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;
import org.pillion.scoring.spark.tree.LeafIndex;

/** Finds the leaves that rows lead to in all trees of a forest, and applies a rule to them. */
final class LeafWalk {
  /** Features of all rows of a block at most, more or less: where there are many, blocks shrink. */
  private static final int MAX_FEATURES = 1 << 16;

  private final Forest forest;
  private final int features;

  /** Null where the forest can only be walked. */
  private final LeafIndex index;

  LeafWalk(Forest forest, int features) {
    this.forest = forest;
    this.features = features;
    this.index = LeafIndex.of(forest);
  }

  /**
   * What a rule makes of all rows, straight from their columns.
   *
   * @param rules a rule serves one call
   * @param width how many numbers a row gets
   * @return null where the features are no plain columns, or the forest is only walked
   */
  Direct direct(PlanBuilder plan, Slot features, Supplier<LeafRule> rules, int width) {
    AssembledNumbers numbers = index == null ? null : AssembledNumbers.of(plan, features);
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
    LeafIndex.Search search = index.search(rows);
    double[] out = new double[rows * width];
    double[] results = new double[LeafIndex.BLOCK * width];
    for (int from = 0; from < rows; from += LeafIndex.BLOCK) {
      int size = Math.min(rows - from, LeafIndex.BLOCK);
      rule.write(search.find(x, from, size), size, results);
      System.arraycopy(results, 0, out, from * width, size * width);
    }
    return out;
  }

  /**
   * Applies a rule to several rows.
   *
   * @param rows positions of the rows, the first {@code count} of them; none is null
   * @param out takes {@code width} numbers a row, each row's at its position
   */
  void each(VectorColumn vectors, int[] rows, int count, LeafRule rule, int width, double[] out) {
    int most = Math.min(LeafIndex.BLOCK, 1 + MAX_FEATURES / Math.max(1, features));
    int block = index == null ? 1 : Math.min(count, most);
    LeafIndex.Search search = index == null ? null : index.search(block);
    double[] x = new double[block * features];
    double[] results = new double[block * width];
    for (int from = 0; from < count; from += block) {
      int size = Math.min(count - from, block);
      for (int i = 0; i < size; i++) {
        vectors.copyRow(rows[from + i], x, i * features);
      }
      int[] leaves = search == null ? forest.leaves(x) : search.find(x, features, size);
      rule.write(leaves, size, results);
      for (int i = 0; i < size; i++) {
        System.arraycopy(results, i * width, out, rows[from + i] * width, width);
      }
    }
  }
}
