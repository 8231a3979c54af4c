package org.pillion.scoring.spark.tree;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A forest as tables of the leaves that a feature's rank leaves possible.
 *
 * <p>The leaves of a tree are bits from left to right. A node whose split goes right rules out the
 * leaves below its left child; the first leaf that no node rules out is the row's (Lucchese et al.,
 * QuickScorer, SIGIR 2015). A feature has few ranks, as it is binned once for all trees, so that
 * the leaves which all nodes of a feature rule out together are looked up by the feature's rank: a
 * row costs one intersection a column, over all trees at once, and no branch. Two neighbouring
 * trees of up to 32 leaves share a word, and larger ones have as many as they need.
 */
final class LeafSets implements LeafFinder {
  /** Words of the tables at most: 2 MiB, what a core's own cache holds. */
  private static final int MAX_WORDS = 1 << 18;

  private static final int HALF = Integer.SIZE;

  /** Shifts the position of a bit to that of its word; a word of 64 zeros to 1. */
  private static final int WORD = 6;

  /** Words that fill the widest vector register. */
  private static final int VECTOR = 8;

  /**
   * Per column and rank, the words of possible leaves. An array a rank, as the JIT of Java 17 turns
   * loops over equal indices alone into vector instructions.
   */
  private final long[][][] tables;

  /** Per tree the position of the bit of its first leaf; its further words follow the first. */
  private final int[] bits;

  /** Per tree the word after its last one. */
  private final int[] ends;

  /** Per tree the position of its first leaf among all leaves of the forest. */
  private final int[] firsts;

  private final int width;

  /** Whether no tree has more than one word. */
  private final boolean single;

  private LeafSets(ThresholdIndex thresholds, Shape shape, int[] bits, int[] ends, int width) {
    Trees forest = thresholds.forest();
    this.bits = bits;
    this.ends = ends;
    this.width = width;
    this.firsts = new int[bits.length];
    this.tables = new long[thresholds.width()][][];
    for (int column = 0; column < tables.length; column++) {
      tables[column] = new long[thresholds.count(column)][width];
      for (long[] row : tables[column]) {
        Arrays.fill(row, -1L);
      }
    }
    boolean one = true;
    int leaves = 0;
    for (int tree = 0; tree < bits.length; tree++) {
      firsts[tree] = leaves;
      leaves += shape.leaves()[forest.root(tree)];
      one &= ends[tree] == (bits[tree] >>> WORD) + 1;
      for (int node = forest.root(tree); node < forest.end(tree); node++) {
        if (!forest.isLeaf(node)) {
          int from = bits[tree] + shape.first()[node];
          ruleOut(thresholds, node, from, from + shape.leaves()[forest.left(node)]);
        }
      }
    }
    this.single = one;
  }

  /**
   * The tables of a forest, or null where they would be too large to pay, or where its leaves are
   * not numbered from left to right.
   *
   * @param shape of the forest
   */
  static LeafSets of(ThresholdIndex thresholds, Shape shape) {
    Trees forest = thresholds.forest();
    int[] bits = new int[forest.trees()];
    int[] ends = new int[forest.trees()];
    boolean open = false;
    int words = 0;
    for (int tree = 0; tree < bits.length; tree++) {
      int leaves = shape.leaves()[forest.root(tree)];
      boolean second = open && leaves <= HALF;
      open = !open && leaves <= HALF;
      bits[tree] = words * Long.SIZE - (second ? HALF : 0);
      words += second ? 0 : (leaves + Long.SIZE - 1) / Long.SIZE;
      ends[tree] = words;
    }
    int width = (words + VECTOR - 1) / VECTOR * VECTOR;
    long length = 0;
    for (int column = 0; column < thresholds.width(); column++) {
      length += (long) width * thresholds.count(column);
    }
    // About eight words are intersected in the time of one visit.
    return !shape.ordered()
            || length > MAX_WORDS
            || (long) words * thresholds.width() > 8L * shape.steps()
        ? null
        : new LeafSets(thresholds, shape, bits, ends, width);
  }

  private void ruleOut(ThresholdIndex thresholds, int node, int from, int to) {
    long[][] table = tables[thresholds.column(node)];
    IntPredicate goesLeft = thresholds.goingLeft(node);
    for (int rank = 0; rank < table.length; rank++) {
      if (!goesLeft.test(rank)) {
        for (int bit = from; bit < to; bit++) {
          table[rank][bit >>> WORD] &= ~(1L << bit);
        }
      }
    }
  }

  @Override
  public void find(int[] of, int count, int[] leaves) {
    int columns = tables.length;
    long[] shared = new long[width];
    Arrays.fill(shared, -1L);
    int[] varying = new int[columns];
    int variables = 0;
    for (int column = 0; column < columns; column++) {
      if (isSame(of, count, column)) {
        intersect(shared, tables[column][of[column]]);
      } else {
        varying[variables++] = column;
      }
    }
    long[] possible = new long[width];
    for (int row = 0; row < count; row++) {
      System.arraycopy(shared, 0, possible, 0, width);
      intersect(possible, of, row * columns, varying, variables);
      if (single) {
        pickInWord(possible, leaves, row * bits.length);
      } else {
        pick(possible, leaves, row * bits.length);
      }
    }
  }

  /** A request's context is the same in all of its rows: its splits are settled once. */
  private boolean isSame(int[] of, int count, int column) {
    int columns = tables.length;
    for (int row = 1; row < count; row++) {
      if (of[row * columns + column] != of[column]) {
        return false;
      }
    }
    return true;
  }

  private void intersect(long[] possible, int[] of, int at, int[] columns, int count) {
    int i = 0;
    for (; i + 3 < count; i += 4) {
      intersect(
          possible,
          tables[columns[i]][of[at + columns[i]]],
          tables[columns[i + 1]][of[at + columns[i + 1]]],
          tables[columns[i + 2]][of[at + columns[i + 2]]],
          tables[columns[i + 3]][of[at + columns[i + 3]]]);
    }
    for (; i < count; i++) {
      intersect(possible, tables[columns[i]][of[at + columns[i]]]);
    }
  }

  /** A method of its own and this simple, so that the JIT compiles it to vector instructions. */
  private static void intersect(long[] possible, long[] a) {
    for (int i = 0; i < possible.length; i++) {
      possible[i] &= a[i];
    }
  }

  private static void intersect(long[] possible, long[] a, long[] b, long[] c, long[] d) {
    for (int i = 0; i < possible.length; i++) {
      possible[i] &= a[i] & b[i] & c[i] & d[i];
    }
  }

  /** A tree that shares its word is shifted to its beginning. */
  private void pickInWord(long[] possible, int[] leaves, int at) {
    for (int tree = 0; tree < bits.length; tree++) {
      int bit = bits[tree];
      leaves[at + tree] = firsts[tree] + Long.numberOfTrailingZeros(possible[bit >>> WORD] >>> bit);
    }
  }

  /** The same over several words, without a branch on which of them has the leaf. */
  private void pick(long[] possible, int[] leaves, int at) {
    for (int tree = 0; tree < bits.length; tree++) {
      int bit = bits[tree];
      int zeros = Long.numberOfTrailingZeros(possible[bit >>> WORD] >>> bit);
      int leaf = firsts[tree] + zeros;
      int none = -(zeros >>> WORD);
      for (int word = (bit >>> WORD) + 1; word < ends[tree]; word++) {
        zeros = Long.numberOfTrailingZeros(possible[word]);
        leaf += zeros & none;
        none &= -(zeros >>> WORD);
      }
      leaves[at + tree] = leaf;
    }
  }

  /**
   * Where the leaves of a forest are.
   *
   * @param leaves per node, the number of leaves at and below it
   * @param first per node, the position of the first of them in its tree, from the left
   * @param steps levels of all trees together: what a walk of a row visits
   * @param ordered whether all leaves are numbered from left to right, tree by tree
   */
  record Shape(int[] leaves, int[] first, long steps, boolean ordered) {
    /** The shape of a forest, or null where a node has no parent or several. */
    static Shape of(Trees forest) {
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
      int before = 0;
      boolean ordered = true;
      for (int tree = 0; tree < forest.trees(); tree++) {
        for (int node = forest.root(tree); node < forest.end(tree); node++) {
          ordered &= !forest.isLeaf(node) || forest.number(node) == before + first[node];
        }
        before += leaves[forest.root(tree)];
        steps += levels[forest.root(tree)];
      }
      return new Shape(leaves, first, steps, ordered);
    }
  }
}
