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
    return "{\"queue_us\":%d,\"parse_us\":%d,\"score_us\":%d}"
        .formatted(micros(queueNanos), micros(parseNanos), micros(scoreNanos));
  }

  private static long micros(long nanos) {
    return TimeUnit.NANOSECONDS.toMicros(nanos);
  }
}
