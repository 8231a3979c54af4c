package org.pillion.scoring.spark.tree;

import java.util.BitSet;

/**
 * Decision trees of two branches a split. Nodes are numbers, a tree's are neighbours, and parents
 * come before their children.
 */
public interface Trees {
  /** Number of trees. */
  int trees();

  /** Number of nodes of all trees. */
  int nodes();

  /** The first node of a tree. */
  int root(int tree);

  /** The node after the last one of a tree. */
  int end(int tree);

  /** Whether a node is a leaf. */
  boolean isLeaf(int node);

  /** The feature that a node splits on. */
  int feature(int node);

  /** The child of a node for what goes left. */
  int left(int node);

  /** The child of a node for what goes right. */
  int right(int node);

  /** The position among all leaves of a node that is one; faster from left to right. */
  int number(int leaf);

  /** The largest number that goes left at a node that has a threshold. */
  double cut(int node);

  /** The categories that a node looks up, or null where it has a threshold. */
  BitSet categories(int node);

  /** Whether a value of a node's feature goes left; NaN goes one way or the other. */
  boolean goesLeft(int node, double value);
}
