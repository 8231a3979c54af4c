package org.pillion.scoring.spark.expression;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** What Spark's casts read from texts. */
final class TextParsing {
  private static final Pattern ONE_DIGIT_HOUR = Pattern.compile("(\\+|\\-)(\\d):");
  private static final Pattern ONE_DIGIT_MINUTE = Pattern.compile("(\\+|\\-)(\\d\\d):(\\d)$");

  private static final Pattern TIME = Pattern.compile("\\d{1,2}:");

  private TextParsing() {}

  /** A text without the white space and control characters around it, as Spark trims casts. */
  static String trimmed(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && isBlank(text.charAt(start))) {
      start++;
    }
    while (end > start && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isBlank(char c) {
    return c < 128 && (Character.isWhitespace(c) || Character.isISOControl(c));
  }

  /** A floating-point number; empty where it is none. */
  static OptionalDouble number(String text, boolean narrow) {
    try {
      return OptionalDouble.of(narrow ? Float.parseFloat(text) : Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return switch (text.strip().toLowerCase(Locale.ROOT)) {
        case "inf", "+inf", "infinity", "+infinity" -> OptionalDouble.of(Double.POSITIVE_INFINITY);
        case "-inf", "-infinity" -> OptionalDouble.of(Double.NEGATIVE_INFINITY);
        case "nan" -> OptionalDouble.of(Double.NaN);
        default -> OptionalDouble.empty();
      };
    }
  }

  /**
   * A whole number; empty where it is none, or beyond 64 bits.
   *
   * @param fraction whether digits after a point are passed over, or make it no whole number
   */
  static OptionalLong whole(String text, boolean fraction) {
    String digits = trimmed(text);
    int point = digits.indexOf('.');
    if (point >= 0) {
      boolean plain = digits.substring(point + 1).chars().allMatch(TextParsing::isDigit);
      if (!fraction || !plain) {
        return OptionalLong.empty();
      }
      digits = digits.substring(0, point);
      if (digits.isEmpty() || digits.equals("-") || digits.equals("+")) {
        // Spark reads "." and ".5" as 0.
        return OptionalLong.of(0L);
      }
    }
    int start = digits.startsWith("-") || digits.startsWith("+") ? 1 : 0;
    if (start == digits.length()
        || !digits.substring(start).chars().allMatch(TextParsing::isDigit)) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(digits));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  /** A truth value; null where it is none. */
  static Boolean flag(String text) {
    return switch (trimmed(text).toLowerCase(Locale.ROOT)) {
      case "t", "true", "y", "yes", "1" -> Boolean.TRUE;
      case "f", "false", "n", "no", "0" -> Boolean.FALSE;
      default -> null;
    };
  }

  /** Days since 1970 of a date, which a time may follow; empty where it is none. */
  static OptionalLong date(String text) {
    String digits = trimmed(text);
    if (digits.isEmpty()) {
      return OptionalLong.empty();
    }
    int[] segments = {1, 1, 1};
    int sign = digits.charAt(0) == '-' ? -1 : 1;
    int at = digits.charAt(0) == '-' || digits.charAt(0) == '+' ? 1 : 0;
    int segment = 0;
    int value = 0;
    int count = 0;
    for (; at < digits.length() && digits.charAt(at) != ' ' && digits.charAt(at) != 'T'; at++) {
      char c = digits.charAt(at);
      if (segment < 2 && c == '-') {
        if (!isDateSegment(segment, count)) {
          return OptionalLong.empty();
        }
        segments[segment++] = value;
        value = 0;
        count = 0;
      } else if (isDigit(c) && count < 8) {
        value = value * 10 + (c - '0');
        count++;
      } else {
        return OptionalLong.empty();
      }
    }
    if (!isDateSegment(segment, count) || segment < 2 && at < digits.length()) {
      return OptionalLong.empty();
    }
    segments[segment] = value;
    try {
      return OptionalLong.of(
          LocalDate.of(sign * segments[0], segments[1], segments[2]).toEpochDay());
    } catch (DateTimeException e) {
      return OptionalLong.empty();
    }
  }

  private static boolean isDateSegment(int segment, int digits) {
    return segment == 0 ? digits >= 4 && digits <= 7 : digits > 0 && digits <= 2;
  }

  /**
   * Microseconds since 1970 of a time stamp; empty where it is none.
   *
   * @param zone where it names no zone itself
   */
  static OptionalLong timestamp(String text, ZoneId zone) {
    try {
      return new TimestampParser(trimmed(text)).parse(zone);
    } catch (DateTimeException | ArithmeticException e) {
      return OptionalLong.empty();
    }
  }

  /** Whether a text is a time of day, which Spark takes for a time stamp of the current day. */
  static boolean isTimeOfDay(String text) {
    String time = trimmed(text);
    boolean named = time.startsWith("T");
    return (named || TIME.matcher(time).lookingAt())
        && timestamp("1970-01-01" + (named ? "" : " ") + time, ZoneOffset.UTC).isPresent();
  }

  /** Reads year, month, day, hour, minute, second, fraction and zone, segment by segment. */
  private static final class TimestampParser {
    private final String text;
    private final int[] segments = {1, 1, 1, 0, 0, 0, 0, 0, 0};
    private int segment;
    private int value;
    private int digits;
    private int fraction;
    private int sign = 1;
    private String zoneName;

    TimestampParser(String text) {
      this.text = text;
    }

    OptionalLong parse(ZoneId otherwise) {
      if (text.isEmpty() || !read()) {
        return OptionalLong.empty();
      }
      for (; fraction < 6; fraction++) {
        segments[6] *= 10;
      }
      ZoneId zone = zoneName == null ? otherwise : zone(zoneName.strip());
      LocalTime time = LocalTime.of(segments[3], segments[4], segments[5], segments[6] * 1000);
      LocalDate date = LocalDate.of(sign * segments[0], segments[1], segments[2]);
      return OptionalLong.of(
          Dates.micros(ZonedDateTime.of(LocalDateTime.of(date, time), zone).toInstant()));
    }

    private boolean read() {
      int at = 0;
      if (text.charAt(0) == '-' || text.charAt(0) == '+') {
        sign = text.charAt(0) == '-' ? -1 : 1;
        at = 1;
      }
      for (; at < text.length(); at++) {
        char c = text.charAt(at);
        if (isDigit(c)) {
          digit(c);
        } else if (segment == 5 && c != '.' || segment == 6) {
          if (!end()) {
            return false;
          }
          // A zone follows the seconds or their fraction, and takes the rest.
          segment = 7;
          zoneName = text.substring(at);
          return true;
        } else if (!separates(c) || !end()) {
          return false;
        }
      }
      return end();
    }

    private void digit(char c) {
      if (segment == 6) {
        fraction++;
      }
      if (segment != 6 || digits < 6) {
        value = digits < 9 ? value * 10 + (c - '0') : value;
      }
      digits++;
    }

    private boolean separates(char c) {
      return switch (segment) {
        case 0, 1 -> c == '-';
        case 2 -> c == ' ' || c == 'T';
        case 3, 4 -> c == ':';
        default -> c == '.';
      };
    }

    /** Ends a segment; false where it has a wrong number of digits. */
    private boolean end() {
      boolean valid =
          switch (segment) {
            case 0 -> digits >= 4 && digits <= 6;
            case 6 -> true;
            default -> digits > 0 && digits <= 2;
          };
      segments[segment++] = value;
      value = 0;
      digits = 0;
      return valid;
    }

    private static ZoneId zone(String name) {
      String padded = ONE_DIGIT_HOUR.matcher(name).replaceFirst("$10$2:");
      padded = ONE_DIGIT_MINUTE.matcher(padded).replaceFirst("$1$2:0$3");
      return ZoneId.of(padded, ZoneId.SHORT_IDS);
    }
  }
}
