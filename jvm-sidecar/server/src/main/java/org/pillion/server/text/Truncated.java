package org.pillion.server.text;

/** Text of a caller, cut to a length that an error can quote. */
public final class Truncated {
  private static final int MAX_CHARS = 100;

  private Truncated() {}

  public static String of(String text) {
    return of(text, MAX_CHARS);
  }

  public static String of(String text, int maxChars) {
    if (text.length() <= maxChars) {
      return text;
    }
    boolean splitsPair = Character.isHighSurrogate(text.charAt(maxChars - 1));
    return text.substring(0, splitsPair ? maxChars - 1 : maxChars) + "…";
  }
}
