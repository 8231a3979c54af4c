package org.pillion.scoring.spark.text;

import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.pillion.scoring.UnsupportedElement;

/**
 * A regular expression of Java's, with a limit to the characters that it reads of one text. A text
 * on which it reads more, or nests deeper than the stack, is refused.
 */
public final class Regex {
  /** Characters that may be read for each character of a text. */
  private static final long READS_PER_CHARACTER = 1000;

  /** Characters that may be read of any text. */
  private static final long READS_OF_SHORT_TEXT = 100_000;

  /** Why a row fails on whose text the limit was reached, as an ending of a sentence. */
  public static final String EXHAUSTED =
      "a regular expression takes more than "
          + READS_PER_CHARACTER
          + " steps a character on this text";

  private final Pattern pattern;

  private Regex(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Compiles a pattern.
   *
   * @param java the version of Java that Spark ran on
   * @throws UnsupportedElement when this Java does not know the pattern, or takes it otherwise
   */
  public static Regex compile(String pattern, int java) {
    if (pattern.matches("(?s).*\\\\[bBX].*")) {
      JavaVersion.requireAlike(java, "word boundaries in the regular expression '" + pattern + "'");
    }
    try {
      return new Regex(Pattern.compile(pattern));
    } catch (PatternSyntaxException | StackOverflowError e) {
      throw new UnsupportedElement(
          "pattern", "this Java cannot compile the regular expression '" + pattern + "': " + e);
    }
  }

  /**
   * Applies a function to a matcher of a text.
   *
   * @return what it returns; null when the limit is reached
   */
  public <T> T apply(String text, Function<Matcher, T> function) {
    try {
      return function.apply(pattern.matcher(counted(text)));
    } catch (CountedText.Exhausted | StackOverflowError e) {
      return null;
    }
  }

  /**
   * The parts between the matches.
   *
   * @param limit as that of {@link Pattern#split(CharSequence, int)}
   * @return null when the limit of steps is reached
   */
  public String[] split(String text, int limit) {
    try {
      return pattern.split(counted(text), limit);
    } catch (CountedText.Exhausted | StackOverflowError e) {
      return null;
    }
  }

  private static CharSequence counted(String text) {
    return new CountedText(
        text, Math.max(READS_OF_SHORT_TEXT, READS_PER_CHARACTER * text.length()));
  }
}
