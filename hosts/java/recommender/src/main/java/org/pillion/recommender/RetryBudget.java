package org.pillion.recommender;

/** Bounds retries to a share of all calls, so that they never become the load. */
final class RetryBudget {
  private static final double SHARE = 0.2;
  private static final double MOST = 10;

  private double tokens = MOST;
  private long withdrawn;

  /** Counts a call. */
  synchronized void deposit() {
    tokens = Math.min(MOST, tokens + SHARE);
  }

  /** Takes a retry, where there is one. */
  synchronized boolean withdraw() {
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    withdrawn++;
    return true;
  }

  /** Retries that could be made now. */
  synchronized double tokens() {
    return tokens;
  }

  /** Retries made. */
  synchronized long withdrawn() {
    return withdrawn;
  }
}
