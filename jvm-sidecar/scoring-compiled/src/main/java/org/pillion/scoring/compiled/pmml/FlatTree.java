package org.pillion.scoring.compiled.pmml;

import java.util.Arrays;

/**
 * A tree in arrays, for rows that have a value in every field.
 *
 * <p>Then no predicate is unknown, and a node's children are a chain of questions, each with two
 * ways on: down to the child, or to the next child's question.
 */
final class FlatTree {
  private int[] columns = new int[16];
  private double[] bounds = new double[16];
  private boolean[][] accepted = new boolean[16][];
  private int[] whenTrue = new int[16];
  private int[] whenFalse = new int[16];
  private int size;
  private int start;

  private FlatTree() {}

  /** The tree, or null where it asks questions of other kinds. */
  static FlatTree compile(TreeNode root, boolean lastPrediction, TreeFeatures features) {
    FlatTree tree = new FlatTree();
    if (root.predicate() != ConstantPredicate.ALWAYS || !isSimple(root)) {
      return null;
    }
    tree.start = tree.add(root, lastPrediction, features);
    tree.trim();
    return tree;
  }

  private static boolean isSimple(TreeNode node) {
    for (TreeNode child : node.children()) {
      Predicate predicate = child.predicate();
      boolean simple =
          predicate instanceof ConstantPredicate
              || predicate instanceof ThresholdPredicate
              || predicate instanceof CodePredicate;
      if (!simple || !isSimple(child)) {
        return false;
      }
    }
    return true;
  }

  /** Adds what is below a node; returns where to go on: a question, or an encoded outcome. */
  private int add(TreeNode node, boolean lastPrediction, TreeFeatures features) {
    if (node.isLeaf()) {
      return encode(node.outcome());
    }
    int otherwise = encode(lastPrediction ? node.outcome() : Tree.NONE);
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

  /** Maps outcomes from {@link Tree#NONE} on to negative numbers, and back. */
  private static int encode(int outcome) {
    return Tree.NONE - 1 - outcome;
  }

  private int ask(Predicate predicate, int below, int otherwise, TreeFeatures features) {
    if (size == columns.length) {
      resize(2 * size);
    }
    boolean swapped = false;
    if (predicate instanceof ThresholdPredicate threshold) {
      columns[size] = features.number(threshold.field());
      bounds[size] = threshold.bound();
      swapped = threshold.above();
    } else if (predicate instanceof CodePredicate codes) {
      columns[size] = features.code(codes.field());
      accepted[size] = codes.accepted();
    }
    whenTrue[size] = swapped ? otherwise : below;
    whenFalse[size] = swapped ? below : otherwise;
    return size++;
  }

  private void resize(int length) {
    columns = Arrays.copyOf(columns, length);
    bounds = Arrays.copyOf(bounds, length);
    accepted = Arrays.copyOf(accepted, length);
    whenTrue = Arrays.copyOf(whenTrue, length);
    whenFalse = Arrays.copyOf(whenFalse, length);
  }

  private void trim() {
    resize(size);
  }

  /** Finds the outcome of every row. */
  void walk(TreeFeatures.Matrix matrix, int[] outcomes) {
    double[] values = matrix.values();
    for (int row = 0; row < outcomes.length; row++) {
      int offset = row * matrix.width();
      int node = start;
      while (node >= 0) {
        double value = values[offset + columns[node]];
        boolean[] codes = accepted[node];
        boolean yes = codes == null ? value <= bounds[node] : accepts(codes, (int) value);
        node = yes ? whenTrue[node] : whenFalse[node];
      }
      outcomes[row] = encode(node);
    }
  }

  private static boolean accepts(boolean[] codes, int code) {
    return codes[code < codes.length ? code : Dictionary.OTHER];
  }
}
