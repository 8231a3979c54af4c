package org.pillion.scoring.spark.tree;

/** Finds the leaves that rows lead to in all trees of a forest. */
interface LeafFinder {
  /**
   * Finds them.
   *
   * @param of the rows' {@linkplain ThresholdIndex ranks}, row by row
   * @param count number of rows
   * @param leaves takes positions among all leaves of the forest, row by row, tree by tree
   */
  void find(int[] of, int count, int[] leaves);
}
