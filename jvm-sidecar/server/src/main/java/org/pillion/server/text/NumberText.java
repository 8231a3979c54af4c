package org.pillion.server.text;

/** Numbers in text: decimal, or the words for those that are not finite. */
public final class NumberText {
  private NumberText() {}

  /**
   * The nearest double.
   *
   * @throws NumberFormatException when it is no number, or too large for a double
   */
  public static double parse(String text) {
    double value = Double.parseDouble(text);
    requireDecimal(text, Double.isFinite(value));
    return value;
  }

  /**
   * The nearest float.
   *
   * @throws NumberFormatException when it is no number, or too large for a float
   */
  public static float parseFloat(String text) {
    float value = Float.parseFloat(text);
    requireDecimal(text, Float.isFinite(value));
    return value;
  }

  /** Refuses what Java reads beyond decimals, and digits whose value is infinite. */
  private static void requireDecimal(String text, boolean finite) {
    char last = text.charAt(text.length() - 1);
    boolean digits = last >= '0' && last <= '9' || last == '.';
    if (digits != finite || text.indexOf('x') >= 0 || text.indexOf('X') >= 0) {
      throw new NumberFormatException(text);
    }
  }
}
