package org.pillion.recommender;

/**
 * Where the time went, in milliseconds.
 *
 * @param fetch the store's trip
 * @param assemble choosing what is to be ranked
 * @param score the ranking
 * @param rank titles of the best
 * @param total the whole request
 */
public record Timings(double fetch, double assemble, double score, double rank, double total) {
  /** Milliseconds since a reading of {@link System#nanoTime}. */
  static double since(long start) {
    return (System.nanoTime() - start) / 1e6;
  }
}
