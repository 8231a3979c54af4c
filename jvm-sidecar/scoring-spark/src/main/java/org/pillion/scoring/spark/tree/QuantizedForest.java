package org.pillion.scoring.spark.tree;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A forest that walks on {@linkplain ThresholdIndex ranks}, for batches of rows.
 *
 * <p>Whole numbers are compared without a branch: where a split is as good as a coin, branches are
 * what a walk costs. Siblings are neighbours, and a leaf leads to itself, so that rows of different
 * depths are walked side by side, and their waits for memory overlap.
 */
final class QuantizedForest implements LeafFinder {
  private static final int WORDS = 2;
  private static final int BITS = 24;
  private static final int MASK = (1 << BITS) - 1;
  private static final int COLUMN_SHIFT = 2 * BITS;
  private static final int MAX_COLUMNS = 1 << (Long.SIZE - COLUMN_SHIFT - 1);

  private final ThresholdIndex thresholds;

  /** Per node: column, highest rank and left child; and the set of ranks that go left anyway. */
  private final long[] nodes;

  /** Per leaf, its position among all leaves of the forest. */
  private final int[] numbers;

  private final int[] roots;
  private final int[] depths;
  private int size;

  private QuantizedForest(ThresholdIndex thresholds) {
    Trees forest = thresholds.forest();
    this.thresholds = thresholds;
    this.nodes = new long[forest.nodes() * WORDS];
    this.numbers = new int[forest.nodes()];
    this.roots = new int[forest.trees()];
    this.depths = new int[forest.trees()];
    for (int tree = 0; tree < roots.length; tree++) {
      roots[tree] = size++;
      depths[tree] = add(forest.root(tree), roots[tree]);
    }
  }

  /**
   * The forest, or null where its nodes do not fit into words, or NaN goes left at some.
   *
   * @param thresholds of a forest whose nodes have one parent each
   */
  static QuantizedForest of(ThresholdIndex thresholds) {
    boolean fits = thresholds.forest().nodes() < MASK && thresholds.width() <= MAX_COLUMNS;
    for (boolean unordered : thresholds.unordered()) {
      fits &= !unordered;
    }
    return fits ? new QuantizedForest(thresholds) : null;
  }

  /** Adds what is at and below a node, level by level; returns how deep that is. */
  private int add(int root, int index) {
    Trees forest = thresholds.forest();
    int[] level = {root};
    int[] indices = {index};
    for (int depth = 0; ; depth++) {
      int[] below = new int[2 * level.length];
      int[] indicesBelow = new int[2 * level.length];
      int count = 0;
      for (int i = 0; i < level.length; i++) {
        int node = level[i];
        if (forest.isLeaf(node)) {
          numbers[indices[i]] = forest.number(node);
          put(indices[i], 0, MASK, indices[i], 0L);
          continue;
        }
        boolean categorical = forest.categories(node) != null;
        int highest = categorical ? 0 : thresholds.highest(node);
        put(indices[i], thresholds.column(node), highest, size, categorical ? set(node) : 0L);
        for (int child : new int[] {forest.left(node), forest.right(node)}) {
          below[count] = child;
          indicesBelow[count++] = size++;
        }
      }
      if (count == 0) {
        return depth;
      }
      level = Arrays.copyOf(below, count);
      indices = Arrays.copyOf(indicesBelow, count);
    }
  }

  private void put(int index, int column, int highest, int left, long set) {
    nodes[index * WORDS] = (long) column << COLUMN_SHIFT | (long) highest << BITS | left;
    nodes[index * WORDS + 1] = set;
  }

  private long set(int node) {
    IntPredicate goesLeft = thresholds.goingLeft(node);
    long set = 0L;
    for (int rank = 1; rank < Long.SIZE; rank++) {
      set |= goesLeft.test(rank) ? 1L << rank : 0L;
    }
    return set;
  }

  @Override
  public void find(int[] of, int count, int[] leaves) {
    for (int tree = 0; tree < roots.length; tree++) {
      walk(tree, of, count, leaves);
    }
  }

  private void walk(int tree, int[] of, int count, int[] leaves) {
    long[] words = nodes;
    int width = thresholds.width();
    int trees = roots.length;
    int root = roots[tree];
    int depth = depths[tree];
    int row = 0;
    for (; row + 3 < count; row += 4) {
      int offset = row * width;
      int first = root;
      int second = root;
      int third = root;
      int fourth = root;
      for (int level = 0; level < depth; level++) {
        first = next(words, of, offset, first);
        second = next(words, of, offset + width, second);
        third = next(words, of, offset + 2 * width, third);
        fourth = next(words, of, offset + 3 * width, fourth);
      }
      int at = row * trees + tree;
      leaves[at] = numbers[first];
      leaves[at + trees] = numbers[second];
      leaves[at + 2 * trees] = numbers[third];
      leaves[at + 3 * trees] = numbers[fourth];
    }
    for (; row < count; row++) {
      int node = root;
      for (int level = 0; level < depth; level++) {
        node = next(words, of, row * width, node);
      }
      leaves[row * trees + tree] = numbers[node];
    }
  }

  private static int next(long[] words, int[] ranks, int offset, int node) {
    long word = words[node * WORDS];
    int rank = ranks[offset + (int) (word >>> COLUMN_SHIFT)];
    int above = ((int) (word >>> BITS) & MASK) - rank >>> 31;
    int unlisted = (int) ~(words[node * WORDS + 1] >>> rank) & above;
    return ((int) word & MASK) + unlisted;
  }
}
