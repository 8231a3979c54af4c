package org.pillion.scoring.spark.booster;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.pillion.scoring.spark.booster.FloatForest.Tree;
import org.pillion.scoring.spark.tree.LeafIndex;
import org.pillion.scoring.spark.tree.Trees;

/**
 * Trees of floats whose leaves are found together, and whose weighed values are added tree by tree.
 *
 * <p>What is less than a float is at most the float before it, and floats are doubles, so that the
 * search for leaves need not know of floats.
 */
final class IndexedTrees implements Trees {
  /** What a leaf adds to a margin of a group. */
  interface Weighing {
    float of(float value, float weight, int group);
  }

  /** Rows whose sums are taken side by side, as each waits for its last addition. */
  private static final int TOGETHER = 4;

  private final Tree[] trees;
  private final int[] roots;

  /** Per node, its tree. */
  private final int[] treeOf;

  /** Per node, the position of its first leaf. */
  private final int[] numbers;

  /** Per leaf, what it adds. */
  private final float[] values;

  private LeafIndex index;

  private IndexedTrees(List<Tree> trees) {
    this.trees = trees.toArray(new Tree[0]);
    this.roots = new int[this.trees.length];
    int nodes = 0;
    for (int tree = 0; tree < roots.length; tree++) {
      roots[tree] = nodes;
      nodes = Math.addExact(nodes, this.trees[tree].feature().length);
    }
    this.treeOf = new int[nodes];
    for (int tree = 0; tree < roots.length; tree++) {
      Arrays.fill(treeOf, roots[tree], end(tree), tree);
    }
    this.numbers = new int[nodes];
    this.values = new float[nodes];
  }

  /** The trees, or null where they can only be walked. */
  static IndexedTrees of(List<Tree> trees, Weighing weighing) {
    for (Tree tree : trees) {
      if (tree.hasVectors() || !plain(tree)) {
        return null;
      }
    }
    IndexedTrees indexed = new IndexedTrees(trees);
    int[] positions = LeafIndex.leftToRight(indexed);
    if (positions == null) {
      return null;
    }
    System.arraycopy(positions, 0, indexed.numbers, 0, positions.length);
    for (int node = 0; node < positions.length; node++) {
      Tree tree = indexed.tree(node);
      if (indexed.isLeaf(node)) {
        float value = tree.values()[tree.left()[indexed.local(node)]];
        indexed.values[positions[node]] = weighing.of(value, tree.weight(), tree.group());
      }
    }
    indexed.index = LeafIndex.of(indexed);
    return indexed.index == null ? null : indexed;
  }

  /** Categories are rounded to whole numbers first, and nothing is less than −∞. */
  private static boolean plain(Tree tree) {
    for (int node = 0; node < tree.feature().length; node++) {
      boolean taken = tree.threshold()[node] > Float.NEGATIVE_INFINITY;
      if (!tree.isLeaf(node) && (tree.categories()[node] != null || !taken)) {
        return false;
      }
    }
    return true;
  }

  /** Adds what {@link FloatMargins#add} does. */
  void add(float[] x, int features, int rows, float[] margins, int groups) {
    LeafIndex.Search search = index.search(rows);
    int block = Math.min(rows, LeafIndex.BLOCK);
    double[] wide = new double[block * features];
    for (int from = 0; from < rows; from += block) {
      int size = Math.min(block, rows - from);
      for (int i = 0; i < size * features; i++) {
        wide[i] = x[from * features + i];
      }
      int[] leaves = search.find(wide, features, size);
      int row = 0;
      for (; groups == 1 && row + TOGETHER <= size; row += TOGETHER) {
        addFour(leaves, row * trees.length, margins, from + row);
      }
      for (; row < size; row++) {
        for (int tree = 0; tree < trees.length; tree++) {
          int leaf = leaves[row * trees.length + tree];
          margins[(from + row) * groups + trees[tree].group()] += values[leaf];
        }
      }
    }
  }

  private void addFour(int[] leaves, int at, float[] margins, int row) {
    int count = trees.length;
    float[] among = values;
    float a = margins[row];
    float b = margins[row + 1];
    float c = margins[row + 2];
    float d = margins[row + 3];
    for (int i = at; i < at + count; i++) {
      a += among[leaves[i]];
      b += among[leaves[i + count]];
      c += among[leaves[i + 2 * count]];
      d += among[leaves[i + 3 * count]];
    }
    margins[row] = a;
    margins[row + 1] = b;
    margins[row + 2] = c;
    margins[row + 3] = d;
  }

  private Tree tree(int node) {
    return trees[treeOf[node]];
  }

  private int local(int node) {
    return node - roots[treeOf[node]];
  }

  @Override
  public int trees() {
    return trees.length;
  }

  @Override
  public int nodes() {
    return treeOf.length;
  }

  @Override
  public int root(int tree) {
    return roots[tree];
  }

  @Override
  public int end(int tree) {
    return tree + 1 < roots.length ? roots[tree + 1] : treeOf.length;
  }

  @Override
  public boolean isLeaf(int node) {
    return tree(node).isLeaf(local(node));
  }

  @Override
  public int feature(int node) {
    return tree(node).feature()[local(node)];
  }

  @Override
  public int left(int node) {
    return roots[treeOf[node]] + tree(node).left()[local(node)];
  }

  @Override
  public int right(int node) {
    return roots[treeOf[node]] + tree(node).right()[local(node)];
  }

  @Override
  public int number(int leaf) {
    return numbers[leaf];
  }

  @Override
  public double cut(int node) {
    return Math.nextDown(tree(node).threshold()[local(node)]);
  }

  @Override
  public BitSet categories(int node) {
    return null;
  }

  @Override
  public boolean goesLeft(int node, double value) {
    return tree(node).goesLeft(local(node), (float) value);
  }
}
