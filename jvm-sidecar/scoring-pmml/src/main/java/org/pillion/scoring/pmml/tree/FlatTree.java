package org.pillion.scoring.pmml.tree;

import java.util.Arrays;
import org.pillion.scoring.pmml.predicate.CodePredicate;
import org.pillion.scoring.pmml.predicate.ConstantPredicate;
import org.pillion.scoring.pmml.predicate.Predicate;
import org.pillion.scoring.pmml.predicate.ThresholdPredicate;

/**
 * A tree in one array, for rows that have a value in every field.
 *
 * <p>Then no predicate is unknown, and a node's children are a chain of questions, each with two
 * ways on: down to the child, or to the next child's question. A question takes three words: the
 * bits of a bound, a set of accepted codes, and the column with both ways on. A question about a
 * number has an empty set, one about codes has NaN for a bound, which nothing is below; so both are
 * answered without a branch. A leaf leads to itself, so that rows of different depths can be walked
 * side by side.
 */
final class FlatTree {
  private static final int WORDS = 3;
  private static final int WAY_BITS = 24;
  private static final int WAY = (1 << WAY_BITS) - 1;
  private static final int COLUMN_SHIFT = 2 * WAY_BITS;
  private static final int MAX_COLUMNS = 1 << (Long.SIZE - COLUMN_SHIFT - 1);

  private long[] nodes = new long[16 * WORDS];
  private int[] outcomes = new int[16];
  private int[] depths = new int[16];
  private int size;
  private int start;
  private boolean tooLarge;

  private FlatTree() {}

  /** The tree, or null where it asks questions of other kinds or is too large. */
  static FlatTree compile(TreeNode root, boolean lastPrediction, TreeFeatures features) {
    FlatTree tree = new FlatTree();
    if (root.predicate() != ConstantPredicate.ALWAYS || !isSimple(root)) {
      return null;
    }
    tree.start = tree.add(root, lastPrediction, features);
    tree.resize(tree.size);
    return tree.tooLarge ? null : tree;
  }

  private static boolean isSimple(TreeNode node) {
    for (TreeNode child : node.children()) {
      Predicate predicate = child.predicate();
      boolean simple =
          predicate instanceof ConstantPredicate
              || predicate instanceof ThresholdPredicate
              || predicate instanceof CodePredicate codes && codes.accepted().length <= Long.SIZE;
      if (!simple || !isSimple(child)) {
        return false;
      }
    }
    return true;
  }

  /** Adds what is below a node; returns where to go on. */
  private int add(TreeNode node, boolean lastPrediction, TreeFeatures features) {
    if (node.isLeaf()) {
      return leaf(node.outcome());
    }
    int otherwise = leaf(lastPrediction ? node.outcome() : Tree.NONE);
    // From the last child, so that each question knows the next one.
    for (int i = node.children().size() - 1; i >= 0; i--) {
      TreeNode child = node.children().get(i);
      Predicate predicate = child.predicate();
      if (predicate == ConstantPredicate.ALWAYS) {
        otherwise = add(child, lastPrediction, features);
      } else if (predicate != ConstantPredicate.NEVER) {
        int below = add(child, lastPrediction, features);
        otherwise = ask(predicate, below, otherwise, features);
      }
    }
    return otherwise;
  }

  private int leaf(int outcome) {
    int leaf = size;
    put(Double.NaN, 0L, 0, leaf, leaf);
    outcomes[leaf] = outcome;
    return leaf;
  }

  private int ask(Predicate predicate, int below, int otherwise, TreeFeatures features) {
    int question = size;
    if (predicate instanceof ThresholdPredicate threshold) {
      int column = features.number(threshold.field());
      int yes = threshold.above() ? otherwise : below;
      put(threshold.bound(), 0L, column, yes, threshold.above() ? below : otherwise);
    } else if (predicate instanceof CodePredicate codes) {
      put(Double.NaN, set(codes), features.code(codes.field()), below, otherwise);
    }
    depths[question] = 1 + Math.max(depths[below], depths[otherwise]);
    return question;
  }

  /** The accepted codes as bits; those beyond the ones that the predicate knows are like OTHER. */
  private static long set(CodePredicate codes) {
    long set = 0L;
    for (int code = 0; code < Long.SIZE; code++) {
      set |= codes.accepts(code) ? 1L << code : 0L;
    }
    return set;
  }

  private void put(double bound, long set, int column, int yes, int no) {
    if (size == outcomes.length) {
      resize(2 * size);
    }
    tooLarge |= size >= WAY || column >= MAX_COLUMNS;
    nodes[size * WORDS] = Double.doubleToRawLongBits(bound);
    nodes[size * WORDS + 1] = set;
    nodes[size * WORDS + 2] = (long) column << COLUMN_SHIFT | (long) yes << WAY_BITS | no;
    size++;
  }

  private void resize(int length) {
    nodes = Arrays.copyOf(nodes, length * WORDS);
    outcomes = Arrays.copyOf(outcomes, length);
    depths = Arrays.copyOf(depths, length);
  }

  /** Finds the outcome of every row: four rows at a time, whose waits for memory overlap. */
  void walk(TreeFeatures.Matrix matrix, int[] found) {
    double[] values = matrix.values();
    int width = matrix.width();
    int depth = depths[start];
    int row = 0;
    for (; row + 3 < found.length; row += 4) {
      int offset = row * width;
      int first = start;
      int second = start;
      int third = start;
      int fourth = start;
      for (int level = 0; level < depth; level++) {
        first = next(values, offset, first);
        second = next(values, offset + width, second);
        third = next(values, offset + 2 * width, third);
        fourth = next(values, offset + 3 * width, fourth);
      }
      found[row] = outcomes[first];
      found[row + 1] = outcomes[second];
      found[row + 2] = outcomes[third];
      found[row + 3] = outcomes[fourth];
    }
    for (; row < found.length; row++) {
      int node = start;
      for (int level = 0; level < depth; level++) {
        node = next(values, row * width, node);
      }
      found[row] = outcomes[node];
    }
  }

  private int next(double[] values, int offset, int node) {
    long ways = nodes[node * WORDS + 2];
    double value = values[offset + (int) (ways >>> COLUMN_SHIFT)];
    int below = value <= Double.longBitsToDouble(nodes[node * WORDS]) ? 1 : 0;
    int accepted = (int) (nodes[node * WORDS + 1] >>> (int) value) & 1;
    return (int) (ways >>> ((below | accepted) * WAY_BITS)) & WAY;
  }
}
