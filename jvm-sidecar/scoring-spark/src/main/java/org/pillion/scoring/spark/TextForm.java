package org.pillion.scoring.spark;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.function.IntConsumer;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DecimalColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringArrayBuilder;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;

/**
 * How an input that is no number, truth value or text is spelled as a text.
 *
 * @param format Spark's name of the type, as the contract has it
 * @param expected what a text must be, as the ending of a sentence
 * @param reader makes a column of texts
 */
record TextForm(String format, String expected, Reader reader) {
  private static final Pattern DATE = Pattern.compile("(?!0000)\\d{4}-\\d{2}-\\d{2}");
  private static final Pattern TIMESTAMP =
      Pattern.compile(
          "\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?"
              + "(Z|[+-](0\\d|1[0-7]):[0-5]\\d)");
  private static final Pattern DECIMAL = Pattern.compile("[+-]?\\d{1,60}(\\.\\d{1,60})?");
  private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");
  private static final int MOST_DIGITS = 38;

  /** Makes a column of texts; each different one is read once. */
  @FunctionalInterface
  interface Reader {
    /**
     * The column.
     *
     * @param unfit is told the rows whose text is not of the form
     */
    Values read(StringColumn texts, IntConsumer unfit);
  }

  /** Thrown for a text that is not of the form. */
  private static final class Unfit extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unfit() {
      super(null, null, false, false);
    }
  }

  /** Whether inputs of a type come as texts of a form. */
  static boolean has(SparkType type) {
    return switch (type) {
      case DATE, TIMESTAMP, TIMESTAMP_NTZ, DECIMAL, STRINGS -> true;
      default -> false;
    };
  }

  /**
   * The form of an input.
   *
   * @param input the plan's element, of a type that has one
   */
  static TextForm of(Element input) {
    return switch (SparkType.of(input.require("type"))) {
      case DATE ->
          new TextForm(
              "date",
              "a date such as 2026-02-28 is expected",
              longs(text -> date(text).toEpochDay()));
      case TIMESTAMP ->
          new TextForm(
              "timestamp",
              "a time stamp with its offset such as 2026-02-28T23:59:59.123456Z is expected",
              longs(TextForm::micros));
      case TIMESTAMP_NTZ ->
          new TextForm(
              "timestamp_ntz",
              "a time stamp without an offset, or with Z, such as 2026-02-28T23:59:59.123456 is"
                  + " expected",
              longs(text -> micros(text.endsWith("Z") ? text : text + "Z")));
      case DECIMAL -> decimal(input.count("precision"), input.count("scale"));
      case STRINGS ->
          new TextForm(
              "array<string>",
              "a JSON array of strings such as [\"a\",\"b\"] is expected",
              TextForm::arrays);
      default -> throw input.invalid("has no form as a text");
    };
  }

  private static TextForm decimal(int precision, int scale) {
    if (precision < 1 || precision > MOST_DIGITS || scale > precision) {
      throw new InvalidModel("the plan has an input of decimal(%d,%d)".formatted(precision, scale));
    }
    return new TextForm(
        "decimal(%d,%d)".formatted(precision, scale),
        "a decimal number of at most %d digits before the point and %d after it is expected"
            .formatted(precision - scale, scale),
        (texts, unfit) -> decimals(texts, precision, scale, unfit));
  }

  private static LocalDate date(String text) {
    if (!DATE.matcher(text).matches()) {
      throw new Unfit();
    }
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException e) {
      throw new Unfit();
    }
  }

  private static long micros(String text) {
    if (!TIMESTAMP.matcher(text).matches()) {
      throw new Unfit();
    }
    try {
      Instant instant = OffsetDateTime.parse(text.replace(' ', 'T')).toInstant();
      if (instant.isBefore(FIRST) || !instant.isBefore(END)) {
        throw new Unfit();
      }
      return 1_000_000L * instant.getEpochSecond() + instant.getNano() / 1000;
    } catch (DateTimeException e) {
      throw new Unfit();
    }
  }

  private static Reader longs(ToLongFunction<String> parser) {
    return (texts, unfit) -> {
      String[] dictionary = texts.dictionary();
      long[] known = new long[dictionary.length];
      boolean[] bad = new boolean[dictionary.length];
      for (int code = 0; code < known.length; code++) {
        try {
          known[code] = parser.applyAsLong(dictionary[code]);
        } catch (Unfit e) {
          bad[code] = true;
        }
      }
      long[] out = new long[texts.codes().length];
      boolean[] nulls = null;
      for (int row = 0; row < out.length; row++) {
        int code = texts.codes()[row];
        if (code >= 0 && !bad[code]) {
          out[row] = known[code];
          continue;
        }
        nulls = nulls == null ? new boolean[out.length] : nulls;
        nulls[row] = true;
        if (code >= 0) {
          unfit.accept(row);
        }
      }
      return new LongColumn(out, nulls);
    };
  }

  private static Values decimals(StringColumn texts, int precision, int scale, IntConsumer unfit) {
    String[] dictionary = texts.dictionary();
    BigDecimal[] known = new BigDecimal[dictionary.length];
    for (int code = 0; code < known.length; code++) {
      known[code] = decimal(dictionary[code], precision, scale);
    }
    BigDecimal[] out = new BigDecimal[texts.codes().length];
    for (int row = 0; row < out.length; row++) {
      int code = texts.codes()[row];
      out[row] = code < 0 ? null : known[code];
      if (code >= 0 && known[code] == null) {
        unfit.accept(row);
      }
    }
    return new DecimalColumn(out);
  }

  /** The number, or null where the text is none that the type has. */
  private static BigDecimal decimal(String text, int precision, int scale) {
    if (!DECIMAL.matcher(text).matches()) {
      return null;
    }
    BigDecimal value = new BigDecimal(text);
    if (value.scale() > scale && value.stripTrailingZeros().scale() > scale) {
      return null;
    }
    BigDecimal fitted = value.setScale(scale);
    return fitted.precision() > precision ? null : fitted;
  }

  private static Values arrays(StringColumn texts, IntConsumer unfit) {
    StringArrayBuilder out = new StringArrayBuilder();
    String[] dictionary = texts.dictionary();
    int[] known = new int[dictionary.length];
    for (int code = 0; code < known.length; code++) {
      if (new StringArrayText(dictionary[code]).read(out)) {
        known[code] = out.endArray();
      } else {
        out.drop();
        known[code] = -1;
      }
    }
    int[] rows = new int[texts.codes().length];
    for (int row = 0; row < rows.length; row++) {
      int code = texts.codes()[row];
      rows[row] = code < 0 ? -1 : known[code];
      if (code >= 0 && known[code] < 0) {
        unfit.accept(row);
      }
    }
    return out.build(rows);
  }
}
