package org.pillion.scoring.spark.stage;

/** What the leaves of rows say. */
interface LeafRule {
  /**
   * Writes it.
   *
   * @param leaves positions of leaves, row by row, tree by tree
   * @param rows number of rows
   * @param out takes one number or one a class, row by row
   */
  void write(int[] leaves, int rows, double[] out);
}
