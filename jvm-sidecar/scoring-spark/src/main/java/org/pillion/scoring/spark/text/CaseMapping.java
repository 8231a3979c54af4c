package org.pillion.scoring.spark.text;

import java.util.Locale;

/**
 * Lower and upper case by Unicode's rules, as ICU has them and Spark SQL takes them from it. Java's
 * own differ in where a word ends, which decides the form of a last sigma.
 */
public final class CaseMapping {
  /** Why a row fails that has a character of a newer Unicode, as an ending of a sentence. */
  public static final String UNKNOWN = "this Java does not know the case of a character in it";

  private static final char SIGMA = '\u03a3';

  private static final int CAPITAL_IOTA = 0x399;

  /** What an iota is that is written below another letter. */
  private static final int IOTA_BELOW = 0x345;

  /** Marks within words that the categories of Unicode do not tell. */
  private static final String WITHIN_WORDS =
      "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";

  /** Letters of older versions that got upper case in Unicode 16. */
  private static final String NEWLY_CASED = "\u019b\u0264";

  private CaseMapping() {}

  /** The text in lower case; null where it has a character that this Java does not know. */
  public static String lower(String text) {
    if (hasUnknown(text)) {
      return null;
    }
    int sigma = text.indexOf(SIGMA);
    if (sigma < 0) {
      return text.toLowerCase(Locale.ROOT);
    }
    StringBuilder out = new StringBuilder(text.length());
    int from = 0;
    for (; sigma >= 0; sigma = text.indexOf(SIGMA, from)) {
      out.append(text.substring(from, sigma).toLowerCase(Locale.ROOT));
      out.append(isLastOfWord(text, sigma) ? '\u03c2' : '\u03c3');
      from = sigma + 1;
    }
    return out.append(text.substring(from).toLowerCase(Locale.ROOT)).toString();
  }

  /** The text in upper case; null where it has a character that this Java does not know. */
  public static String upper(String text) {
    boolean known = NEWLY_CASED.chars().allMatch(c -> text.indexOf(c) < 0) && !hasUnknown(text);
    return known ? text.toUpperCase(Locale.ROOT) : null;
  }

  /**
   * The text with the first letter of each word in title case and the others in lower case, where
   * words are what spaces separate; null where it has a character that this Java does not know.
   */
  public static String title(String text) {
    boolean known = NEWLY_CASED.chars().allMatch(c -> text.indexOf(c) < 0) && !hasUnknown(text);
    if (!known) {
      return null;
    }
    StringBuilder out = new StringBuilder(text.length());
    boolean first = true;
    for (int at = 0; at < text.length(); ) {
      int c = text.codePointAt(at);
      if (first) {
        out.append(title(c));
      } else if (c == SIGMA) {
        out.append(isLastOfWord(text, at) ? '\u03c2' : '\u03c3');
      } else {
        out.append(Character.toString(c).toLowerCase(Locale.ROOT));
      }
      first = c == ' ';
      at += Character.charCount(c);
    }
    return out.toString();
  }

  /** A letter in title case; Java has none for letters that become several. */
  private static String title(int c) {
    String upper = Character.toString(c).toUpperCase(Locale.ROOT);
    int simple = Character.toTitleCase(c);
    if (simple != c || Character.isTitleCase(c) || upper.codePointCount(0, upper.length()) == 1) {
      return Character.toString(simple);
    }
    StringBuilder out = new StringBuilder();
    boolean capital = true;
    for (int part : upper.codePoints().toArray()) {
      out.appendCodePoint(
          capital ? part : part == CAPITAL_IOTA ? IOTA_BELOW : Character.toLowerCase(part));
      capital &= !isCased(part);
    }
    return out.toString();
  }

  /** Characters that are not assigned yet, apart from blocks of symbols, which have no case. */
  private static boolean hasUnknown(String text) {
    return text.codePoints()
        .anyMatch(c -> c > 0x7f && !Character.isDefined(c) && (c < 0x1f000 || c > 0x1fbff));
  }

  /** Unicode's condition Final_Sigma. */
  private static boolean isLastOfWord(String text, int at) {
    int before = at;
    int c = -1;
    while (before > 0 && (c < 0 || isIgnorable(c))) {
      c = text.codePointBefore(before);
      before -= Character.charCount(c);
    }
    if (c < 0 || !isCased(c) || isIgnorable(c)) {
      return false;
    }
    int after = at + 1;
    c = -1;
    while (after < text.length() && (c < 0 || isIgnorable(c))) {
      c = text.codePointAt(after);
      after += Character.charCount(c);
    }
    return c < 0 || !isCased(c) || isIgnorable(c);
  }

  private static boolean isCased(int c) {
    return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
  }

  private static boolean isIgnorable(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default -> WITHIN_WORDS.indexOf(c) >= 0;
    };
  }
}
