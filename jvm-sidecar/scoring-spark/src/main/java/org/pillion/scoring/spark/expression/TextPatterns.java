package org.pillion.scoring.spark.expression;

import java.util.function.Function;
import java.util.regex.Matcher;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringArrayBuilder;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.text.Regex;

/** Functions of texts by a constant regular expression, computed once for each different text. */
final class TextPatterns {
  private TextPatterns() {}

  static Expression of(Element element, Expression operand) {
    Regex regex = Regex.compile(element.require("pattern"), element.count("java"));
    return switch (element.name()) {
      case "matches" -> matches(regex, operand, element.flag("whole"));
      case "replaceMatches" -> {
        int from = Math.max(element.count("from") - 1, 0);
        String replacement = element.require("replacement");
        yield TextFunctions.mapped(
            operand, Regex.EXHAUSTED, text -> replace(regex, text, replacement, from));
      }
      case "extractMatch" -> {
        int group = element.count("group");
        yield TextFunctions.mapped(
            operand,
            Regex.EXHAUSTED,
            text -> regex.apply(text, matcher -> extract(matcher, group)));
      }
      case "split" -> {
        int limit = (int) Math.max(-1, Math.min(element.whole("limit"), Integer.MAX_VALUE));
        boolean characters = element.require("pattern").isEmpty();
        yield split(
            operand,
            text ->
                characters && !text.isEmpty()
                    ? characters(text, limit)
                    : regex.split(text, limit == 0 ? -1 : limit));
      }
      default -> throw Expressions.unknown(element.name());
    };
  }

  /** Whether the regular expression is found, or matches the whole text. */
  private static Expression matches(Regex regex, Expression operand, boolean whole) {
    return Expression.of(
        SparkType.BOOLEAN,
        rows -> {
          StringColumn in = (StringColumn) operand.evaluate(rows);
          Boolean[] known = new Boolean[in.dictionary().length];
          boolean[] asked = new boolean[known.length];
          boolean[] out = new boolean[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            int code = in.codes()[row];
            if (code < 0 || !rows.isActive(row)) {
              continue;
            }
            if (!asked[code]) {
              asked[code] = true;
              known[code] = regex.apply(in.dictionary()[code], m -> whole ? m.matches() : m.find());
            }
            if (known[code] == null) {
              rows.fail(row, Regex.EXHAUSTED);
            } else {
              out[row] = known[code];
            }
          }
          return new BooleanColumn(out, in.nulls());
        });
  }

  /** Matches from a code point on, replaced; null where it takes too many steps. */
  private static String replace(Regex regex, String text, String replacement, int from) {
    if (from > 0 && from >= text.codePointCount(0, text.length())) {
      return text;
    }
    return regex.apply(
        text,
        matcher -> {
          StringBuilder out = new StringBuilder();
          matcher.region(text.offsetByCodePoints(0, from), text.length());
          while (matcher.find()) {
            matcher.appendReplacement(out, replacement);
          }
          return matcher.appendTail(out).toString();
        });
  }

  /** A group of the first match; empty where there is none. */
  private static String extract(Matcher matcher, int group) {
    if (!matcher.find()) {
      return "";
    }
    String found = matcher.group(group);
    return found == null ? "" : found;
  }

  /** The code points of a text; the last of a limited number of parts has all that follows. */
  private static String[] characters(String text, int limit) {
    int count = text.codePointCount(0, text.length());
    int parts = limit > count || limit <= 0 ? count : limit;
    String[] out = new String[parts];
    int start = 0;
    for (int i = 0; i < parts; i++) {
      int end = i == parts - 1 ? text.length() : text.offsetByCodePoints(start, 1);
      out[i] = text.substring(start, end);
      start = end;
    }
    return out;
  }

  private static Expression split(Expression operand, Function<String, String[]> function) {
    return Expression.of(
        SparkType.STRINGS,
        rows -> {
          StringColumn in = (StringColumn) operand.evaluate(rows);
          int[] arrays = new int[in.dictionary().length];
          StringArrayBuilder parts = new StringArrayBuilder();
          int[] out = new int[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            int code = in.codes()[row];
            out[row] = -1;
            if (code < 0 || !rows.isActive(row)) {
              continue;
            }
            if (arrays[code] == 0) {
              String[] found = function.apply(in.dictionary()[code]);
              arrays[code] = found == null ? -1 : 1 + parts.addArray(found);
            }
            if (arrays[code] < 0) {
              rows.fail(row, Regex.EXHAUSTED);
            } else {
              out[row] = arrays[code] - 1;
            }
          }
          return parts.build(out);
        });
  }
}
