package org.pillion.scoring;

/**
 * The items that a first phase picked of all, the best first; they go on to the model.
 *
 * @param rows the items' rows
 * @param scores what they were picked by
 * @param seen how many items were looked at, from the first row on: fewer than all where time ran
 *     out
 * @param items how many there are
 */
public record Shortlist(int[] rows, double[] scores, int seen, int items) {
  /** The share of the items that were looked at, from 0 to 1. */
  public double share() {
    return items == 0 ? 1.0 : (double) seen / items;
  }
}
