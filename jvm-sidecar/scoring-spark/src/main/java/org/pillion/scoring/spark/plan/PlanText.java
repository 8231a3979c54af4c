package org.pillion.scoring.spark.plan;

import org.pillion.scoring.InvalidModel;

/**
 * The escape of a plan's texts: XML has no control characters and no lone surrogates, and its
 * readers turn CR and CRLF into LF. A UTF-16 code unit is written as {@code \}{@code uXXXX}, in
 * lower case, and a backslash as two.
 */
final class PlanText {
  private static final int DIGITS = 4;

  private PlanText() {}

  /**
   * The text that an escaped one stands for.
   *
   * @throws InvalidModel when a backslash begins no escape
   */
  static String unescape(String escaped) {
    int next = escaped.indexOf('\\');
    if (next < 0) {
      return escaped;
    }
    StringBuilder text = new StringBuilder(escaped.length());
    int from = 0;
    while (next >= 0) {
      text.append(escaped, from, next);
      if (escaped.startsWith("\\\\", next)) {
        text.append('\\');
        from = next + 2;
      } else {
        text.append(unit(escaped, next));
        from = next + 2 + DIGITS;
      }
      next = escaped.indexOf('\\', from);
    }
    return text.append(escaped, from, escaped.length()).toString();
  }

  private static char unit(String escaped, int at) {
    int unit = 0;
    for (int i = at + 2; i < at + 2 + DIGITS; i++) {
      int digit = i < escaped.length() ? "0123456789abcdef".indexOf(escaped.charAt(i)) : -1;
      if (digit < 0 || escaped.charAt(at + 1) != 'u') {
        throw new InvalidModel(
            "the plan has a text whose backslash at %d begins no escape: '%s'"
                .formatted(at, escaped));
      }
      unit = 16 * unit + digit;
    }
    return (char) unit;
  }
}
