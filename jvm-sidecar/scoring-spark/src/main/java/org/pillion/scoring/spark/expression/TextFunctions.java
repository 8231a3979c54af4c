package org.pillion.scoring.spark.expression;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DecimalColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.text.CaseMapping;

/** Functions of texts, computed once for each different text. */
final class TextFunctions {
  /** As Spark casts: the fraction of a second without zeros at its end. */
  private static final DateTimeFormatter TIMESTAMP =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendPattern(" HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .toFormatter(Locale.ROOT);

  private TextFunctions() {}

  static Expression unary(String name, Expression operand) {
    return switch (name) {
      case "lower" -> mapped(operand, CaseMapping.UNKNOWN, CaseMapping::lower);
      case "upper" -> mapped(operand, CaseMapping.UNKNOWN, CaseMapping::upper);
      case "title" -> mapped(operand, CaseMapping.UNKNOWN, CaseMapping::title);
      case "trim" -> mapped(operand, "", text -> trim(text, true, true));
      case "trimLeft" -> mapped(operand, "", text -> trim(text, true, false));
      case "trimRight" -> mapped(operand, "", text -> trim(text, false, true));
      case "reverse" -> mapped(operand, "", text -> new StringBuilder(text).reverse().toString());
      case "length" -> length(operand);
      default -> throw Expressions.unknown(name);
    };
  }

  /**
   * Lower, upper or title case by Java's own rules, which Spark takes where it does without ICU.
   */
  static Expression ofJava(String name, Locale locale, Expression operand) {
    return switch (name) {
      case "javaLower" -> mapped(operand, "", text -> text.toLowerCase(locale));
      case "javaUpper" -> mapped(operand, "", text -> text.toUpperCase(locale));
      case "javaTitle" -> mapped(operand, "", text -> title(text.toLowerCase(locale)));
      default -> throw Expressions.unknown(name);
    };
  }

  /** The text with each char after a space, and the first one, in title case. */
  private static String title(String text) {
    char[] out = text.toCharArray();
    for (int at = 0; at < out.length; at++) {
      if (at == 0 || out[at - 1] == ' ') {
        out[at] = Character.toTitleCase(out[at]);
      }
    }
    return new String(out);
  }

  /** Spark trims spaces only. */
  private static String trim(String text, boolean left, boolean right) {
    int start = 0;
    int end = text.length();
    while (left && start < end && text.charAt(start) == ' ') {
      start++;
    }
    while (right && end > start && text.charAt(end - 1) == ' ') {
      end--;
    }
    return text.substring(start, end);
  }

  /**
   * A function of texts.
   *
   * @param refusal why rows fail for whose texts it is null
   */
  static Expression mapped(Expression operand, String refusal, UnaryOperator<String> function) {
    return Expression.of(
        SparkType.STRING,
        rows -> {
          StringColumn in = (StringColumn) operand.evaluate(rows);
          String[] dictionary = new String[in.dictionary().length];
          String[] refusals = new String[dictionary.length];
          for (int row = 0; row < rows.rows(); row++) {
            int code = in.codes()[row];
            if (code < 0 || !rows.isActive(row)) {
              continue;
            }
            if (dictionary[code] == null && refusals[code] == null) {
              try {
                dictionary[code] = function.apply(in.dictionary()[code]);
                refusals[code] = dictionary[code] == null ? refusal : null;
              } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                refusals[code] = "Spark refuses a group of the regular expression";
              }
            }
            if (refusals[code] != null) {
              rows.fail(row, refusals[code]);
            }
          }
          // Functions of this one see all of the dictionary, also what no row asked for.
          Arrays.setAll(dictionary, code -> dictionary[code] == null ? "" : dictionary[code]);
          return new StringColumn(in.codes(), dictionary);
        });
  }

  /** Length in code points. */
  private static Expression length(Expression operand) {
    return Expression.of(
        SparkType.INTEGER,
        rows -> {
          StringColumn in = (StringColumn) operand.evaluate(rows);
          long[] out = new long[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            String text = in.text(row);
            out[row] = text == null ? 0 : text.codePointCount(0, text.length());
          }
          return new LongColumn(out, in.nulls());
        });
  }

  /**
   * Values as the texts that Spark casts them to.
   *
   * @param operand of a scalar type
   * @param zone of time stamps
   * @param plain whether decimal numbers have no exponent
   */
  static Expression written(Expression operand, ZoneId zone, boolean plain) {
    SparkType from = operand.type();
    return Expression.of(
        SparkType.STRING,
        rows -> {
          Values in = operand.evaluate(rows);
          String[] out = new String[rows.rows()];
          boolean[] nulls = new boolean[out.length];
          for (int row = 0; row < out.length; row++) {
            nulls[row] = in.isNull(row);
            out[row] = nulls[row] ? null : written(in, row, from, zone, plain);
          }
          return StringColumn.of(out, nulls);
        });
  }

  private static String written(Values in, int row, SparkType from, ZoneId zone, boolean plain) {
    if (in instanceof LongColumn wholes) {
      long value = wholes.values()[row];
      return switch (from) {
        case DATE -> LocalDate.ofEpochDay(value).toString();
        case TIMESTAMP -> TIMESTAMP.format(Dates.local(value, zone));
        case TIMESTAMP_NTZ -> TIMESTAMP.format(Dates.local(value, ZoneOffset.UTC));
        default -> Long.toString(value);
      };
    }
    if (in instanceof DoubleColumn numbers) {
      double value = numbers.values()[row];
      return from == SparkType.FLOAT ? Float.toString((float) value) : Double.toString(value);
    }
    if (in instanceof DecimalColumn decimals) {
      BigDecimal value = decimals.values()[row];
      return plain ? value.toPlainString() : value.toString();
    }
    return Boolean.toString(((BooleanColumn) in).values()[row]);
  }

  /** Part of a text in code points, from a position that counts from 1, or back from the end. */
  static Expression substring(List<Expression> textPositionLength) {
    return RowTexts.of(textPositionLength, row -> part(row.text(0), row.whole(1), row.whole(2)));
  }

  private static String part(String text, long position, long length) {
    int count = text.codePointCount(0, text.length());
    long start = position > 0 ? position - 1 : position < 0 ? count + position : 0;
    long end = Math.min(start + length, count);
    start = Math.max(start, 0);
    if (start >= end) {
      return "";
    }
    int first = text.offsetByCodePoints(0, (int) start);
    return text.substring(first, text.offsetByCodePoints(first, (int) (end - start)));
  }

  static Expression concat(List<Expression> operands) {
    return RowTexts.of(
        operands,
        row ->
            IntStream.range(0, operands.size()).mapToObj(row::text).collect(Collectors.joining()));
  }
}
