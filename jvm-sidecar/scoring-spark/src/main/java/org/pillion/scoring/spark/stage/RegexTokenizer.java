package org.pillion.scoring.spark.stage;

import java.util.Locale;
import java.util.regex.Matcher;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.StringArrayBuilder;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.text.Regex;

/** The parts between the matches of a regular expression, or the matches themselves. */
final class RegexTokenizer {
  private final Regex pattern;
  private final boolean gaps;
  private final int shortest;

  /** Null where the case is kept. */
  private final Locale locale;

  private RegexTokenizer(Element stage) {
    pattern = Regex.compile(stage.require("pattern"), stage.count("java"));
    gaps = stage.flag("gaps");
    shortest = stage.count("shortest");
    Locale language = new Locale(stage.require("locale"));
    locale = stage.flag("lowercase") ? language : null;
  }

  static void compile(Element stage, PlanBuilder plan) {
    Tokens.add(stage, plan, new RegexTokenizer(stage)::split);
  }

  private boolean split(String text, StringArrayBuilder tokens) {
    String cased = locale == null ? text : text.toLowerCase(locale);
    return gaps ? addGaps(cased, tokens) : pattern.apply(cased, m -> addMatches(m, tokens)) != null;
  }

  private boolean addGaps(String text, StringArrayBuilder tokens) {
    String[] parts = pattern.split(text, 0);
    if (parts == null) {
      return false;
    }
    for (String part : parts) {
      add(part, tokens);
    }
    return true;
  }

  private Boolean addMatches(Matcher matcher, StringArrayBuilder tokens) {
    while (matcher.find()) {
      add(matcher.group(), tokens);
    }
    return true;
  }

  /** Spark counts a token's UTF-16 units. */
  private void add(String token, StringArrayBuilder tokens) {
    if (token.length() >= shortest) {
      tokens.add(token);
    }
  }
}
