package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.BitSet;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.tree.LeafIndex;
import org.pillion.scoring.spark.tree.Trees;

/**
 * Decision trees in flat arrays, all trees' nodes end to end.
 *
 * <p>A node goes left where its feature is at most its threshold, and so right on NaN; a
 * categorical one where the set of its categories holds the feature's value.
 */
public final class Forest implements Trees {
  /** Stands for the feature of a leaf. */
  static final int LEAF = -1;

  private final int[] roots;
  private final int[] feature;
  private final double[] threshold;

  /** Per node its left child; of a leaf, its position among all leaves. */
  private final int[] left;

  private final int[] right;

  /** Per node, the categories that are looked up; null where it has a threshold. */
  private final BitSet[] categories;

  /** Per categorical node, whether those categories go left; otherwise all others do. */
  private final boolean[] listedLeft;

  /**
   * Numbers of the leaves, and where they are known those of inner nodes, {@link #width} a node.
   */
  private final double[] values;

  /** The leaves' numbers side by side, {@link #width} a leaf. */
  private final double[] leafValues;

  /** Whether inner nodes have their values. */
  private final boolean innerValues;

  private final int width;

  private Forest(ForestReader read) {
    this.roots = read.roots;
    this.feature = read.feature;
    this.threshold = read.threshold;
    this.left = read.left;
    this.right = read.right;
    this.categories = read.categories;
    this.listedLeft = read.listedLeft;
    this.values = read.values;
    this.leafValues = new double[read.leafCount * read.width];
    this.innerValues = read.innerValues;
    this.width = read.width;
  }

  /**
   * Reads the {@code tree} elements of a model.
   *
   * @param features number of features
   * @param width numbers a leaf
   */
  public static Forest of(Element model, int features, int width) {
    Forest forest = new Forest(new ForestReader(model, features, width));
    forest.numberLeaves();
    return forest;
  }

  /** From left to right, in whatever order the plan lists them: so they are found fastest. */
  private void numberLeaves() {
    int[] positions = LeafIndex.leftToRight(this);
    for (int node = 0; node < feature.length; node++) {
      if (feature[node] == LEAF) {
        left[node] = positions == null ? left[node] : positions[node];
        System.arraycopy(values, node * width, leafValues, left[node] * width, width);
      }
    }
  }

  /** Whether the values of inner nodes are known. */
  boolean hasInnerValues() {
    return innerValues;
  }

  /**
   * Adds, for every split on a row's way through a tree, how much a value changes to the number of
   * the feature that is looked at.
   *
   * @param factor what the changes are multiplied by
   */
  void addPath(int tree, double[] x, NodeValue value, double factor, double[] parts) {
    int node = roots[tree];
    double before = value.of(node);
    while (feature[node] != LEAF) {
      int split = feature[node];
      node = next(node, x);
      double after = value.of(node);
      parts[split] += factor * (after - before);
      before = after;
    }
  }

  /** A number that each node has. */
  interface NodeValue {
    double of(int node);
  }

  @Override
  public int nodes() {
    return feature.length;
  }

  @Override
  public int root(int tree) {
    return roots[tree];
  }

  @Override
  public int end(int tree) {
    return tree + 1 < roots.length ? roots[tree + 1] : feature.length;
  }

  @Override
  public boolean isLeaf(int node) {
    return feature[node] == LEAF;
  }

  @Override
  public int feature(int node) {
    return feature[node];
  }

  @Override
  public double cut(int node) {
    return threshold[node];
  }

  @Override
  public int left(int node) {
    return left[node];
  }

  @Override
  public int right(int node) {
    return right[node];
  }

  @Override
  public int number(int leaf) {
    return left[leaf];
  }

  @Override
  public BitSet categories(int node) {
    return categories[node];
  }

  @Override
  public int trees() {
    return roots.length;
  }

  /** The leaves that a row's features lead to, tree by tree, as positions among all leaves. */
  public int[] leaves(double[] x) {
    int[] leaves = new int[roots.length];
    for (int tree = 0; tree < leaves.length; tree++) {
      int node = roots[tree];
      while (feature[node] != LEAF) {
        node = next(node, x);
      }
      leaves[tree] = left[node];
    }
    return leaves;
  }

  private int next(int node, double[] x) {
    return goesLeft(node, x[feature[node]]) ? left[node] : right[node];
  }

  @Override
  public boolean goesLeft(int node, double value) {
    return categories[node] == null ? value <= threshold[node] : listed(node, value);
  }

  private boolean listed(int node, double value) {
    int category = (int) value;
    boolean found = category == value && category >= 0 && categories[node].get(category);
    return found == listedLeft[node];
  }

  /** The first number of a leaf, by its position. */
  double value(int leaf) {
    return leafValues[leaf * width];
  }

  /**
   * The first numbers of several leaves.
   *
   * @param leaves their positions, from {@code at} on
   * @param out takes {@code count} numbers
   */
  void values(int[] leaves, int at, int count, double[] out) {
    double[] among = leafValues;
    for (int i = 0; i < count; i++) {
      out[i] = among[leaves[at + i] * width];
    }
  }

  /**
   * Adds the numbers of several rows' leaves, tree by tree.
   *
   * @param leaves their positions, row by row, tree by tree
   * @param out takes as many numbers a row as a leaf has
   */
  void addValues(int[] leaves, int rows, double[] out) {
    int trees = trees();
    int row = 0;
    if (width == 2) {
      // Two rows side by side, as each sum waits for its last addition.
      for (; row + 1 < rows; row += 2) {
        addPairs(leaves, row * trees, out, row * width);
      }
    }
    for (; row < rows; row++) {
      for (int at = row * trees; at < (row + 1) * trees; at++) {
        for (int i = 0; i < width; i++) {
          out[row * width + i] += leafValues[leaves[at] * width + i];
        }
      }
    }
  }

  private void addPairs(int[] leaves, int at, double[] out, int start) {
    double[] among = leafValues;
    int trees = trees();
    double a0 = out[start];
    double a1 = out[start + 1];
    double b0 = out[start + 2];
    double b1 = out[start + 3];
    for (int i = at; i < at + trees; i++) {
      int a = 2 * leaves[i];
      int b = 2 * leaves[i + trees];
      a0 += among[a];
      a1 += among[a + 1];
      b0 += among[b];
      b1 += among[b + 1];
    }
    out[start] = a0;
    out[start + 1] = a1;
    out[start + 2] = b0;
    out[start + 3] = b1;
  }

  /** A number of a leaf, by its position. */
  double value(int leaf, int index) {
    return leafValues[leaf * width + index];
  }

  /** The first number of a node, where {@linkplain #hasInnerValues() nodes have one}. */
  double nodeValue(int node) {
    return values[node * width];
  }

  /** A number of a node as a share of the sum of the node's numbers; 0 where that is 0. */
  double share(int node, int index) {
    double total = Sums.inOrder(values, node * width, width);
    return total == 0 ? 0.0 : values[node * width + index] / total;
  }

  /** Replaces each leaf's numbers by their shares of their sum, as Spark's forests count votes. */
  void toShares() {
    for (int at = 0; at < leafValues.length; at += width) {
      double total = Sums.inOrder(leafValues, at, width);
      for (int i = 0; i < width; i++) {
        leafValues[at + i] = total == 0 ? 0.0 : leafValues[at + i] / total;
      }
    }
  }

  @Override
  public String toString() {
    return trees() + " trees, " + Arrays.stream(feature).filter(f -> f == LEAF).count() + " leaves";
  }
}
