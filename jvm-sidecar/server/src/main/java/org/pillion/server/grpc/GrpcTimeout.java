package org.pillion.server.grpc;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pillion.server.errors.RequestException;
import org.pillion.server.limits.Deadline;

/** The header {@code grpc-timeout}: up to eight digits and a unit. */
final class GrpcTimeout {
  static final String HEADER = "grpc-timeout";

  private static final Pattern FORM = Pattern.compile("([0-9]{1,8})([HMSmun])");

  /** Milliseconds of each unit. */
  private static final Map<String, Double> MILLIS =
      Map.of("H", 3_600_000.0, "M", 60_000.0, "S", 1_000.0, "m", 1.0, "u", 1e-3, "n", 1e-6);

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
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new RequestException(
          RequestException.Kind.INVALID,
          "the header " + HEADER + " is not up to eight digits and a unit");
    }
    return Deadline.in(Long.parseLong(parts.group(1)) * MILLIS.get(parts.group(2)), arrival);
  }
}
