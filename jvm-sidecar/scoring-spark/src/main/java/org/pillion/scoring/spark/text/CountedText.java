package org.pillion.scoring.spark.text;

/**
 * A text that can be read a limited number of times, so that a regular expression that backtracks
 * without end stops.
 */
final class CountedText implements CharSequence {
  /** Thrown at the first character beyond the limit. */
  static final class Exhausted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Exhausted() {
      super(null, null, false, false);
    }
  }

  private final String text;
  private long left;

  CountedText(String text, long limit) {
    this.text = text;
    this.left = limit;
  }

  @Override
  public char charAt(int index) {
    if (--left < 0) {
      throw new Exhausted();
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.substring(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
