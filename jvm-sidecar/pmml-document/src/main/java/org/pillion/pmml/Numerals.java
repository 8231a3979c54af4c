package org.pillion.pmml;

/** Numbers in the spelling that documents use. */
public final class Numerals {
  private static final int LONGEST = 1_000;

  private Numerals() {}

  /**
   * The number that a text spells.
   *
   * @throws IllegalArgumentException when it spells none, or one that no double can hold
   */
  public static double finite(String text) {
    if (!isPlain(text)) {
      throw new IllegalArgumentException("it is not a plain number");
    }
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("it is not a number", e);
    }
    if (Double.isInfinite(value)) {
      throw new IllegalArgumentException("no 64-bit number is that large");
    }
    return value;
  }

  /** Java also reads hexadecimal digits, suffixes and names, which other readers may not. */
  private static boolean isPlain(String text) {
    if (text.isEmpty() || text.length() > LONGEST) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E') {
        return false;
      }
    }
    return true;
  }
}
