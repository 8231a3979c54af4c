package org.pillion.server.inference;

/** A caller's own text, short enough to be quoted in an error. */
public final class Truncated {
  private static final int MAX_CHARS = 100;

  private Truncated() {}

  public static String of(String text) {
    return of(text, MAX_CHARS);
  }

  public static String of(String text, int maxChars) {
    return text.length() <= maxChars ? text : text.substring(0, maxChars) + "…";
  }
}
