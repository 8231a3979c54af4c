package org.pillion.scoring.spark.expression;

import java.text.ParseException;
import java.text.SimpleDateFormat;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.TimeZone;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;

/**
 * Dates and time stamps as texts by a pattern, read and written as Spark does it: by Java's
 * formatter, strictly, with months and weekdays in English.
 */
final class TimePatterns {
  private static final String READ = "yMdHmsS";
  private static final String WRITTEN = READ + "EDha";

  private TimePatterns() {}

  /** The date, time stamp or seconds since 1970 that a text means. */
  static Expression read(Element element, Expression operand, EvalMode mode) {
    if (operand.type() != SparkType.STRING) {
      throw Expressions.unknown("readTime of " + operand.type().text());
    }
    String pattern = element.require("pattern");
    DateTimeFormatter formatter = formatter(pattern, READ);
    ZoneId zone = Dates.zone(element);
    boolean failsBySpark2 = element.flag("fails-by-spark-2", false);
    SparkType to = SparkType.of(element.require("type"));
    if (to != SparkType.DATE && to != SparkType.TIMESTAMP && to != SparkType.LONG) {
      throw Expressions.unknown("readTime to " + to.text());
    }
    Reading reading = new Reading(pattern, formatter, zone, mode, failsBySpark2);
    return Expression.of(
        to,
        rows -> {
          StringColumn in = (StringColumn) operand.evaluate(rows);
          Meaning[] known = new Meaning[in.dictionary().length];
          long[] out = new long[rows.rows()];
          boolean[] nulls = new boolean[out.length];
          for (int row = 0; row < out.length; row++) {
            int code = in.codes()[row];
            nulls[row] = code < 0;
            if (code < 0 || !rows.isActive(row)) {
              continue;
            }
            if (known[code] == null) {
              known[code] = reading.meaning(in.dictionary()[code]);
            }
            Meaning meaning = known[code];
            nulls[row] = meaning.micros().isEmpty();
            if (meaning.micros().isPresent()) {
              out[row] = as(to, meaning.micros().getAsLong(), zone);
            } else if (meaning.refusal() != null) {
              rows.fail(row, meaning.refusal());
            }
          }
          return new LongColumn(out, nulls);
        });
  }

  private static long as(SparkType type, long micros, ZoneId zone) {
    return switch (type) {
      case DATE -> Dates.days(micros, zone);
      case LONG -> micros / Dates.MICROS;
      default -> micros;
    };
  }

  /**
   * What a text means.
   *
   * @param micros the time; empty where it can't be read
   * @param refusal why its row fails; null where it does not
   */
  private record Meaning(OptionalLong micros, String refusal) {
    static Meaning refused(String why) {
      return new Meaning(OptionalLong.empty(), why);
    }
  }

  /** How texts are read; Spark 2's parser, which Spark 3 asks as well by default, may fail rows. */
  private record Reading(
      String pattern,
      DateTimeFormatter formatter,
      ZoneId zone,
      EvalMode mode,
      boolean failsBySpark2) {
    Meaning meaning(String text) {
      try {
        return new Meaning(OptionalLong.of(micros(text)), null);
      } catch (ArithmeticException e) {
        return Meaning.refused("the text is a time beyond those that Spark has, in every mode");
      } catch (DateTimeException e) {
        if (mode == EvalMode.ANSI) {
          return Meaning.refused("Spark cannot read the text by the pattern '" + pattern + "'");
        }
        return failsBySpark2 && spark2Reads(text)
            ? Meaning.refused(
                "Spark 3 cannot read the text by the pattern '%s', and Spark 2 can"
                    .formatted(pattern))
            : new Meaning(OptionalLong.empty(), null);
      }
    }

    private long micros(String text) {
      TemporalAccessor read = formatter.parse(text);
      LocalDate date =
          LocalDate.of(
              field(read, ChronoField.YEAR, 1970),
              field(read, ChronoField.MONTH_OF_YEAR, 1),
              field(read, ChronoField.DAY_OF_MONTH, 1));
      LocalTime time =
          LocalTime.of(
              field(read, ChronoField.HOUR_OF_DAY, 0),
              field(read, ChronoField.MINUTE_OF_HOUR, 0),
              field(read, ChronoField.SECOND_OF_MINUTE, 0),
              field(read, ChronoField.NANO_OF_SECOND, 0));
      return Dates.micros(ZonedDateTime.of(date, time, zone).toInstant());
    }

    private boolean spark2Reads(String text) {
      SimpleDateFormat format = new SimpleDateFormat(pattern, Locale.US);
      format.setTimeZone(TimeZone.getTimeZone(zone));
      format.setLenient(false);
      try {
        Math.multiplyExact(format.parse(text).getTime(), 1_000L);
        return true;
      } catch (ParseException | ArithmeticException e) {
        return false;
      }
    }
  }

  /** A part of what was read; Spark takes the first of January 1970, midnight, for what is not. */
  private static int field(TemporalAccessor read, ChronoField field, int otherwise) {
    return read.isSupported(field) ? read.get(field) : otherwise;
  }

  /** The text of a time stamp. */
  static Expression format(Element element, Expression operand) {
    DateTimeFormatter formatter = formatter(element.require("pattern"), WRITTEN);
    ZoneId zone = Dates.zone(element);
    return Expression.of(
        SparkType.STRING,
        rows -> {
          LongColumn in = (LongColumn) operand.evaluate(rows);
          String[] out = new String[rows.rows()];
          boolean[] nulls = new boolean[out.length];
          for (int row = 0; row < out.length; row++) {
            nulls[row] = in.isNull(row);
            if (!nulls[row]) {
              out[row] = formatter.format(Dates.local(in.values()[row], zone));
            }
          }
          return StringColumn.of(out, nulls);
        });
  }

  /**
   * Java's formatter for a pattern of Spark's, whose years have a sign, and of whose fractions a
   * text may have fewer digits.
   *
   * @param letters that the pattern may have outside of quotes
   */
  private static DateTimeFormatter formatter(String pattern, String letters) {
    boolean reads = letters.equals(READ);
    DateTimeFormatterBuilder builder = new DateTimeFormatterBuilder().parseCaseInsensitive();
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    try {
      for (int at = 0; at < pattern.length(); at++) {
        char c = pattern.charAt(at);
        quoted ^= c == '\'';
        boolean letter = !quoted && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z');
        if (letter && letters.indexOf(c) < 0) {
          throw Expressions.unknown("letter '" + c + "' of the pattern '" + pattern + "'");
        }
        if (letter && c == 'S' && reads) {
          int end = at;
          while (end < pattern.length() && pattern.charAt(end) == 'S') {
            end++;
          }
          builder.appendPattern(part.toString());
          builder.appendFraction(ChronoField.NANO_OF_SECOND, 1, end - at, false);
          part.setLength(0);
          at = end - 1;
        } else {
          part.append(letter && c == 'y' ? 'u' : c);
        }
      }
      builder.appendPattern(part.toString());
    } catch (IllegalArgumentException e) {
      throw Expressions.unknown("pattern '" + pattern + "'");
    }
    return builder
        .toFormatter(Locale.US)
        .withChronology(IsoChronology.INSTANCE)
        .withResolverStyle(ResolverStyle.STRICT);
  }
}
