package org.pillion.scoring.spark.stage;

/** What the leaves of a row say. */
interface LeafRule {
  /**
   * Writes it.
   *
   * @param leaves positions of leaves, from {@code at} on one a tree
   * @param out takes one number or one a class, from {@code start} on
   */
  void write(int[] leaves, int at, double[] out, int start);
}
