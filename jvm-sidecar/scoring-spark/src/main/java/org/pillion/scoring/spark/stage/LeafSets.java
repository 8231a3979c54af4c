package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A forest as tables of the leaves that a feature's rank leaves possible.
 *
 * <p>The leaves of a tree are bits from left to right. A node whose split goes right rules out the
 * leaves below its left child; the first leaf that no node rules out is the row's (Lucchese et al.,
 * QuickScorer, SIGIR 2015). Spark's thresholds are few, as it bins each feature once for all trees,
 * so that the leaves which all nodes of a feature rule out together are looked up by the feature's
 * rank: a row costs one intersection a column, over all trees at once, and no branch.
 */
final class LeafSets implements LeafFinder {
  /** Words of the tables at most: 2 MiB, what a core's own cache holds. */
  private static final int MAX_WORDS = 1 << 18;

  /** Per column where its table begins; per rank {@link #width} words of possible leaves. */
  private final int[] starts;

  private final long[] tables;

  /** Per tree the index of its first word, and their number at the end. */
  private final int[] words;

  /** Per bit, the leaf's position among all leaves of the forest. */
  private final int[] numbers;

  private final int width;

  private LeafSets(ThresholdIndex thresholds, Shape shape, int[] words, int[] starts, int length) {
    Forest forest = thresholds.forest();
    this.words = words;
    this.starts = starts;
    this.width = words[words.length - 1];
    this.tables = new long[length];
    this.numbers = new int[width * Long.SIZE];
    Arrays.fill(tables, -1L);
    for (int tree = 0; tree < forest.trees(); tree++) {
      int end = tree + 1 < forest.trees() ? forest.root(tree + 1) : forest.nodes();
      for (int node = forest.root(tree); node < end; node++) {
        if (forest.isLeaf(node)) {
          numbers[words[tree] * Long.SIZE + shape.first()[node]] = forest.number(node);
        } else {
          ruleOut(thresholds, tree, node, shape.first()[node], shape.leaves()[forest.left(node)]);
        }
      }
    }
  }

  /**
   * The tables of a forest, or null where they would be too large to pay.
   *
   * @param shape of a forest whose nodes have one parent each
   */
  static LeafSets of(ThresholdIndex thresholds, Shape shape) {
    Forest forest = thresholds.forest();
    int[] words = new int[forest.trees() + 1];
    for (int tree = 0; tree < forest.trees(); tree++) {
      int leaves = shape.leaves()[forest.root(tree)];
      words[tree + 1] = words[tree] + (leaves + Long.SIZE - 1) / Long.SIZE;
    }
    long width = words[forest.trees()];
    int[] starts = new int[thresholds.width()];
    long length = 0;
    for (int column = 0; column < starts.length; column++) {
      starts[column] = (int) length;
      length += width * thresholds.count(column);
      if (length > MAX_WORDS) {
        return null;
      }
    }
    // About eight words are intersected in the time of one visit.
    return width * thresholds.width() > 8L * shape.steps()
        ? null
        : new LeafSets(thresholds, shape, words, starts, (int) length);
  }

  private void ruleOut(ThresholdIndex thresholds, int tree, int node, int first, int count) {
    int column = thresholds.column(node);
    IntPredicate goesLeft = thresholds.goingLeft(node);
    for (int rank = 0; rank < thresholds.count(column); rank++) {
      if (!goesLeft.test(rank)) {
        int at = starts[column] + rank * width + words[tree];
        for (int leaf = first; leaf < first + count; leaf++) {
          tables[at + leaf / Long.SIZE] &= ~(1L << leaf);
        }
      }
    }
  }

  @Override
  public void find(int[] of, int count, int[] leaves) {
    int columns = starts.length;
    long[] shared = new long[width];
    Arrays.fill(shared, -1L);
    int[] varying = new int[columns];
    int variables = 0;
    for (int column = 0; column < columns; column++) {
      if (isSame(of, count, column)) {
        intersect(shared, tables, starts[column] + of[column] * width);
      } else {
        varying[variables++] = column;
      }
    }
    long[] possible = new long[width];
    for (int row = 0; row < count; row++) {
      System.arraycopy(shared, 0, possible, 0, width);
      for (int i = 0; i < variables; i++) {
        int column = varying[i];
        intersect(possible, tables, starts[column] + of[row * columns + column] * width);
      }
      pick(possible, leaves, row);
    }
  }

  /** A request's context is the same in all of its rows: its splits are settled once. */
  private boolean isSame(int[] of, int count, int column) {
    int columns = starts.length;
    for (int row = 1; row < count; row++) {
      if (of[row * columns + column] != of[column]) {
        return false;
      }
    }
    return true;
  }

  private void pick(long[] possible, int[] leaves, int row) {
    int trees = words.length - 1;
    for (int tree = 0; tree < trees; tree++) {
      int word = words[tree];
      while (possible[word] == 0L) {
        word++;
      }
      int leaf = word * Long.SIZE + Long.numberOfTrailingZeros(possible[word]);
      leaves[row * trees + tree] = numbers[leaf];
    }
  }

  /** A method of its own and this simple, so that the JIT compiles it to vector instructions. */
  private static void intersect(long[] possible, long[] tables, int start) {
    for (int i = 0; i < possible.length; i++) {
      possible[i] &= tables[start + i];
    }
  }

  /**
   * Where the leaves of a forest are.
   *
   * @param leaves per node, the number of leaves at and below it
   * @param first per node, the position of the first of them in its tree, from the left
   * @param steps levels of all trees together: what a walk of a row visits
   */
  record Shape(int[] leaves, int[] first, long steps) {
    /** The shape of a forest, or null where a node has no parent or several. */
    static Shape of(Forest forest) {
      int[] leaves = new int[forest.nodes()];
      int[] levels = new int[forest.nodes()];
      int[] parents = new int[forest.nodes()];
      for (int tree = 0; tree < forest.trees(); tree++) {
        parents[forest.root(tree)]++;
      }
      for (int node = leaves.length - 1; node >= 0; node--) {
        if (forest.isLeaf(node)) {
          leaves[node] = 1;
        } else {
          leaves[node] = leaves[forest.left(node)] + leaves[forest.right(node)];
          levels[node] = 1 + Math.max(levels[forest.left(node)], levels[forest.right(node)]);
          parents[forest.left(node)]++;
          parents[forest.right(node)]++;
        }
      }
      int[] first = new int[leaves.length];
      for (int node = 0; node < leaves.length; node++) {
        if (parents[node] != 1) {
          return null;
        }
        if (!forest.isLeaf(node)) {
          first[forest.left(node)] = first[node];
          first[forest.right(node)] = first[node] + leaves[forest.left(node)];
        }
      }
      long steps = 0;
      for (int tree = 0; tree < forest.trees(); tree++) {
        steps += levels[forest.root(tree)];
      }
      return new Shape(leaves, first, steps);
    }
  }
}
