package org.pillion.server.grpc;

import org.pillion.server.errors.RequestException;
import org.pillion.server.limits.Deadline;

/** The header {@code grpc-timeout}: up to eight digits and a unit. */
final class GrpcTimeout {
  static final String HEADER = "grpc-timeout";

  private static final int MAX_DIGITS = 8;

  private GrpcTimeout() {}

  /**
   * The moment that a call's caller will not wait beyond.
   *
   * @param text the header, or null where there is none
   * @param arrival when the call arrived, on the clock of {@link System#nanoTime()}
   */
  static Deadline deadline(String text, long arrival) {
    if (text == null) {
      return Deadline.of(null, arrival);
    }
    int digits = text.length() - 1;
    if (digits < 1
        || digits > MAX_DIGITS
        || !text.chars().limit(digits).allMatch(c -> c >= '0' && c <= '9')) {
      throw malformed();
    }
    long amount = Long.parseLong(text.substring(0, digits));
    double millis =
        switch (text.charAt(digits)) {
          case 'H' -> amount * 3_600_000.0;
          case 'M' -> amount * 60_000.0;
          case 'S' -> amount * 1_000.0;
          case 'm' -> amount;
          case 'u' -> amount / 1e3;
          case 'n' -> amount / 1e6;
          default -> throw malformed();
        };
    return Deadline.in(millis, arrival);
  }

  private static RequestException malformed() {
    return new RequestException(
        RequestException.Kind.INVALID,
        "the header " + HEADER + " is not up to eight digits and a unit");
  }
}
