package org.pillion.server.tensor;

import org.pillion.scoring.InvalidInput;
import org.pillion.server.text.Truncated;

/**
 * The tensor parameter that lists missing rows, for encodings that have no {@code null}.
 *
 * <p>Its text lists rows from 0, ascending, single or as ranges with both ends: {@code "0,3,7-9"}.
 */
public final class MissingRows {
  public static final String PARAMETER = "missing_rows";

  private MissingRows() {}

  /**
   * Reads the parameter.
   *
   * @param text the parameter's text, or null where there is none
   * @return per row whether it is missing
   * @throws InvalidInput when it is not a list of rows of the tensor
   */
  public static boolean[] parse(String tensor, String text, int rows) {
    boolean[] missing = new boolean[rows];
    if (text == null || text.isEmpty()) {
      return missing;
    }
    int at = 0;
    int next = 0;
    while (at <= text.length()) {
      int end = text.indexOf(',', at);
      end = end < 0 ? text.length() : end;
      int dash = text.indexOf('-', at);
      boolean range = dash > at && dash < end;
      int first = number(tensor, text, at, range ? dash : end);
      int last = range ? number(tensor, text, dash + 1, end) : first;
      if (first < next || last < first) {
        throw refused(tensor, text.substring(at, end), "rows must be listed once, ascending");
      }
      if (last >= rows) {
        throw refused(tensor, text.substring(at, end), "the tensor has " + rows + " rows");
      }
      for (int row = first; row <= last; row++) {
        missing[row] = true;
      }
      next = last + 1;
      at = end + 1;
    }
    return missing;
  }

  /** Marks rows of a tensor as missing, beside those that already are. */
  public static void mark(Tensor tensor, String text) {
    boolean[] mask = tensor.column().missing();
    boolean[] missing = parse(tensor.name(), text, mask.length);
    for (int row = 0; row < mask.length; row++) {
      mask[row] |= missing[row];
    }
  }

  private static int number(String tensor, String text, int start, int end) {
    String digits = text.substring(start, end);
    // Ten digits and more are no row, and nine fit.
    if (digits.isEmpty()
        || digits.length() > 9
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw refused(tensor, digits, "rows are whole numbers from 0, as in \"0,3,7-9\"");
    }
    return Integer.parseInt(digits);
  }

  private static InvalidInput refused(String tensor, String part, String why) {
    return new InvalidInput(
        tensor,
        "the input '%s' has '%s' in its parameter %s, but %s"
            .formatted(tensor, Truncated.of(part), PARAMETER, why));
  }

  /** The parameter's text, or null where no row is missing. */
  public static String text(boolean[] missing) {
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < missing.length; row++) {
      if (!missing[row]) {
        continue;
      }
      int first = row;
      while (row + 1 < missing.length && missing[row + 1]) {
        row++;
      }
      text.append(text.isEmpty() ? "" : ",").append(first);
      if (row > first) {
        text.append('-').append(row);
      }
    }
    return text.isEmpty() ? null : text.toString();
  }
}
