package org.pillion.scoring;

import java.util.Objects;

/**
 * Why one row could not be scored. A long value or message is shortened.
 *
 * @param row position in the batch, from 0
 * @param field the field, or null when it is not known
 * @param value the value of that field as text, or null when it is missing or not known
 * @param message one sentence
 */
public record RowError(int row, String field, String value, String message) {
  private static final int VALUE_START = 64;
  private static final int MESSAGE_START = 500;

  /** What may exceed a start uncut; more than is said after a cut, so that nothing is cut twice. */
  private static final int SLACK = 36;

  public RowError {
    Objects.requireNonNull(message, "message");
    value = shorten(value, VALUE_START);
    message = shorten(message, MESSAGE_START);
  }

  /** The same error of a row at another position. */
  public RowError at(int position) {
    return new RowError(position, field, value, message);
  }

  /** A value as errors show it: the start of a long one, and how long it is; null for null. */
  public static String shown(Object value) {
    return value == null ? null : shorten(value.toString(), VALUE_START);
  }

  private static String shorten(String text, int start) {
    if (text == null || text.length() <= start + SLACK) {
      return text;
    }
    // No half of a pair that stands for one character.
    int end = Character.isHighSurrogate(text.charAt(start - 1)) ? start - 1 : start;
    return text.substring(0, end) + "… (" + text.length() + " characters)";
  }
}
