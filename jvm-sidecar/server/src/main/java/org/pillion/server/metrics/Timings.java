package org.pillion.server.metrics;

import java.util.concurrent.TimeUnit;

/**
 * Where the time of a request went.
 *
 * @param queueNanos from its arrival until a worker took it
 * @param parseNanos reading the body into columns
 * @param scoreNanos scoring
 */
public record Timings(long queueNanos, long parseNanos, long scoreNanos) {
  public String toJson() {
    return "{\"queue_us\":"
        + micros(queueNanos)
        + ",\"parse_us\":"
        + micros(parseNanos)
        + ",\"score_us\":"
        + micros(scoreNanos)
        + "}";
  }

  private static long micros(long nanos) {
    return TimeUnit.NANOSECONDS.toMicros(nanos);
  }
}
