package org.pillion.scoring.spark.stage;

import java.util.Locale;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.StringArrayBuilder;
import org.pillion.scoring.spark.plan.PlanBuilder;

/**
 * Lower-case words, split at each white-space character: {@code text.toLowerCase().split("\\s")}.
 * Blanks that follow each other have empty words between them; those at the end have none.
 */
final class Tokenizer {
  private Tokenizer() {}

  static void compile(Element stage, PlanBuilder plan) {
    Locale locale = new Locale(stage.require("locale"));
    Tokens.add(
        stage,
        plan,
        (text, words) -> {
          split(text.toLowerCase(locale), words);
          return true;
        });
  }

  /** Adds the words of a text, which is in lower case. */
  static void split(String text, StringArrayBuilder words) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    if (end == 0) {
      // Without a blank, the text is the only word, though it is empty.
      if (text.isEmpty()) {
        words.add("");
      }
      return;
    }
    int start = 0;
    for (int i = 0; i < end; i++) {
      if (isSpace(text.charAt(i))) {
        words.add(text.substring(start, i));
        start = i + 1;
      }
    }
    words.add(text.substring(start, end));
  }

  /** What {@code \s} matches. */
  private static boolean isSpace(char c) {
    return c == ' ' || c >= '\t' && c <= '\r';
  }
}
