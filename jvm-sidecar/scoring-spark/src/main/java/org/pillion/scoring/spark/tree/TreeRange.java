package org.pillion.scoring.spark.tree;

import java.util.BitSet;

/** Neighbouring trees of a forest, as a forest of their own. */
final class TreeRange implements Trees {
  private final Trees forest;
  private final int first;
  private final int count;
  private final int nodes;

  /** The leaf at the far left among all leaves of the forest. */
  private final int leaves;

  /**
   * Trees of a forest.
   *
   * @param first the first of them
   * @param count how many
   * @param leaves how many leaves the trees before have
   */
  TreeRange(Trees forest, int first, int count, int leaves) {
    this.forest = forest;
    this.first = first;
    this.count = count;
    this.nodes = forest.root(first);
    this.leaves = leaves;
  }

  @Override
  public int trees() {
    return count;
  }

  @Override
  public int nodes() {
    return forest.end(first + count - 1) - nodes;
  }

  @Override
  public int root(int tree) {
    return forest.root(first + tree) - nodes;
  }

  @Override
  public int end(int tree) {
    return forest.end(first + tree) - nodes;
  }

  @Override
  public boolean isLeaf(int node) {
    return forest.isLeaf(nodes + node);
  }

  @Override
  public int feature(int node) {
    return forest.feature(nodes + node);
  }

  @Override
  public int left(int node) {
    return forest.left(nodes + node) - nodes;
  }

  @Override
  public int right(int node) {
    return forest.right(nodes + node) - nodes;
  }

  @Override
  public int number(int leaf) {
    return forest.number(nodes + leaf) - leaves;
  }

  @Override
  public double cut(int node) {
    return forest.cut(nodes + node);
  }

  @Override
  public BitSet categories(int node) {
    return forest.categories(nodes + node);
  }

  @Override
  public boolean goesLeft(int node, double value) {
    return forest.goesLeft(nodes + node, value);
  }
}
