package org.pillion.server.limits;

import java.util.concurrent.TimeUnit;
import org.pillion.server.errors.RequestException;
import org.pillion.server.text.NumberText;

/**
 * The time after which the caller does not use the response.
 *
 * @param nanos on the clock of {@link System#nanoTime()}; ignored when there is no deadline
 * @param exists whether the caller gave one
 */
public record Deadline(long nanos, boolean exists) {
  public static final String HEADER = "X-Deadline-Ms";

  /** The clock's difference to it must not overflow. */
  private static final double FURTHEST = TimeUnit.DAYS.toNanos(36_525);

  private static final Deadline NONE = new Deadline(0, false);

  /**
   * The deadline in a request's header.
   *
   * @param remainingMillis the header's text, or null when there is none
   * @param arrival when the request arrived, on the same clock
   */
  public static Deadline of(String remainingMillis, long arrival) {
    if (remainingMillis == null) {
      return NONE;
    }
    try {
      double millis = NumberText.parse(remainingMillis);
      if (Double.isFinite(millis)) {
        return in(millis, arrival);
      }
    } catch (NumberFormatException e) {
      // Reported below, together with numbers that are not finite.
    }
    throw new RequestException(
        RequestException.Kind.INVALID, "the header " + HEADER + " is not a number of milliseconds");
  }

  /** The moment some milliseconds after an arrival; further than a century away is a century. */
  public static Deadline in(double millis, long arrival) {
    double nanos = millis * TimeUnit.MILLISECONDS.toNanos(1);
    return new Deadline(arrival + (long) Math.max(-FURTHEST, Math.min(nanos, FURTHEST)), true);
  }

  /**
   * Checks that there is time left.
   *
   * @throws RequestException when there is none
   */
  public void require(long now) {
    if (isOver(now)) {
      throw new RequestException(
          RequestException.Kind.TOO_LATE, "the deadline passed before the request could be scored");
    }
  }

  /** The moment at which half of the time that is left has passed. */
  public Deadline half(long now) {
    return exists ? new Deadline(now + (nanos - now) / 2, true) : this;
  }

  public boolean isOver(long now) {
    return exists && now - nanos >= 0;
  }
}
