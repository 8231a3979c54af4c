package org.pillion.recommender;

import java.time.Duration;

/**
 * Limits of the calls to a dependency.
 *
 * @param attempt time that one attempt may take
 * @param slow time from which an attempt counts as slow for the breaker
 * @param calls how many may be under way at once
 */
public record GuardSettings(Duration attempt, Duration slow, int calls) {
  /** Those of the store: 20 ms, slow from 15 ms on, 32 calls. */
  public static final GuardSettings STORE =
      new GuardSettings(Duration.ofMillis(20), Duration.ofMillis(15), 32);

  /** Those of what ranks: 30 ms, slow from 25 ms on, 16 calls. */
  public static final GuardSettings RANKER =
      new GuardSettings(Duration.ofMillis(30), Duration.ofMillis(25), 16);
}
