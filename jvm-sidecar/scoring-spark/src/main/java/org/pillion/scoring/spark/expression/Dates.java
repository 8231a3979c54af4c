package org.pillion.scoring.spark.expression;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.time.temporal.TemporalAdjusters;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;

/** Parts and differences of dates, which are days, and of time stamps, which are microseconds. */
final class Dates {
  static final long MICROS = 1_000_000L;

  /** A whole number of two. */
  private interface Binary {
    long apply(long left, long right);
  }

  private Dates() {}

  static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), MICROS), instant.getNano() / 1000L);
  }

  static LocalDateTime local(long micros, ZoneId zone) {
    return LocalDateTime.ofInstant(instant(micros), zone);
  }

  private static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, MICROS), Math.floorMod(micros, MICROS) * 1000L);
  }

  /** The first microsecond of a day in a zone. */
  static long startOfDay(long days, ZoneId zone) {
    return micros(LocalDate.ofEpochDay(days).atStartOfDay(zone).toInstant());
  }

  /** The instant at which clocks of one zone show what those of another show at an instant. */
  static long moved(long micros, ZoneId from, ZoneId to) {
    return micros(local(micros, from).atZone(to).toInstant());
  }

  static long days(long micros, ZoneId zone) {
    return local(micros, zone).toLocalDate().toEpochDay();
  }

  /** The time zone that an expression was analysed with. */
  static ZoneId zone(Element element) {
    String name = element.require("zone");
    try {
      return ZoneId.of(name, ZoneId.SHORT_IDS);
    } catch (DateTimeException e) {
      throw new InvalidModel("the plan has an unknown time zone: '" + name + "'", e);
    }
  }

  /** A part of a date. */
  static Expression part(String name, Expression date) {
    return switch (name) {
      case "year" -> map(date, SparkType.INTEGER, d -> day(d).getYear());
      case "quarter" -> map(date, SparkType.INTEGER, d -> day(d).get(IsoFields.QUARTER_OF_YEAR));
      case "month" -> map(date, SparkType.INTEGER, d -> day(d).getMonthValue());
      case "dayOfMonth" -> map(date, SparkType.INTEGER, d -> day(d).getDayOfMonth());
      case "dayOfYear" -> map(date, SparkType.INTEGER, d -> day(d).getDayOfYear());
      case "weekOfYear" ->
          map(date, SparkType.INTEGER, d -> day(d).get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      // From Sunday, 1, on.
      case "dayOfWeek" ->
          map(date, SparkType.INTEGER, d -> day(d).getDayOfWeek().getValue() % 7 + 1);
      // From Monday, 0, on.
      case "weekDay" -> map(date, SparkType.INTEGER, d -> day(d).getDayOfWeek().getValue() - 1);
      case "lastDay" ->
          map(
              date,
              SparkType.DATE,
              d -> day(d).with(TemporalAdjusters.lastDayOfMonth()).toEpochDay());
      case "unixDate" -> map(date, SparkType.INTEGER, d -> d);
      default -> throw Expressions.unknown(name);
    };
  }

  private static LocalDate day(long days) {
    return LocalDate.ofEpochDay(days);
  }

  /** A part of a time stamp. */
  static Expression part(String name, Expression timestamp, ZoneId zone) {
    return switch (name) {
      case "hour" -> map(timestamp, SparkType.INTEGER, t -> local(t, zone).getHour());
      case "minute" -> map(timestamp, SparkType.INTEGER, t -> local(t, zone).getMinute());
      case "second" -> map(timestamp, SparkType.INTEGER, t -> local(t, zone).getSecond());
      default -> throw Expressions.unknown(name);
    };
  }

  /** The first day of a year, quarter, month or week. */
  static Expression truncated(String level, Expression date) {
    return map(date, SparkType.DATE, firstDay(level));
  }

  /** The first instant of a second, minute, hour, day, or of what begins with a day. */
  static Expression truncated(String level, Expression timestamp, ZoneId zone) {
    LongUnaryOperator first =
        switch (level) {
          case "second" -> t -> t - Math.floorMod(t, MICROS);
          case "minute" -> t -> truncated(t, ChronoUnit.MINUTES, zone);
          case "hour" -> t -> truncated(t, ChronoUnit.HOURS, zone);
          case "day" -> t -> truncated(t, ChronoUnit.DAYS, zone);
          default -> {
            LongUnaryOperator day = firstDay(level);
            yield t -> startOfDay(day.applyAsLong(days(t, zone)), zone);
          }
        };
    return map(timestamp, SparkType.TIMESTAMP, first);
  }

  private static long truncated(long micros, ChronoUnit unit, ZoneId zone) {
    return micros(instant(micros).atZone(zone).truncatedTo(unit).toInstant());
  }

  private static LongUnaryOperator firstDay(String level) {
    return switch (level) {
      case "year" -> d -> day(d).withDayOfYear(1).toEpochDay();
      case "quarter" -> d -> day(d).with(IsoFields.DAY_OF_QUARTER, 1L).toEpochDay();
      case "month" -> d -> day(d).withDayOfMonth(1).toEpochDay();
      case "week" ->
          d -> day(d).with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY)).toEpochDay();
      default -> throw Expressions.unknown("trunc to " + level);
    };
  }

  /** A date and a number, or two dates. */
  static Expression binary(String name, Expression left, Expression right) {
    return switch (name) {
      case "dateDiff" -> map(left, right, SparkType.INTEGER, (end, start) -> (int) (end - start));
      case "dateAdd" -> map(left, right, SparkType.DATE, (date, n) -> (int) (date + n));
      case "dateSub" -> map(left, right, SparkType.DATE, (date, n) -> (int) (date - n));
      case "addMonths" ->
          map(
              left,
              right,
              SparkType.DATE,
              (date, n) -> Math.toIntExact(day(date).plusMonths(n).toEpochDay()));
      default -> throw Expressions.unknown(name);
    };
  }

  /** Whole units between two time stamps, from the first to the second. */
  static Expression between(String unit, Expression start, Expression end, ZoneId zone) {
    ChronoUnit chrono =
        switch (unit) {
          case "MICROSECOND" -> ChronoUnit.MICROS;
          case "MILLISECOND" -> ChronoUnit.MILLIS;
          case "SECOND" -> ChronoUnit.SECONDS;
          case "MINUTE" -> ChronoUnit.MINUTES;
          case "HOUR" -> ChronoUnit.HOURS;
          case "DAY" -> ChronoUnit.DAYS;
          case "WEEK" -> ChronoUnit.WEEKS;
          case "MONTH" -> ChronoUnit.MONTHS;
          case "YEAR" -> ChronoUnit.YEARS;
          default -> throw Expressions.unknown("timestampdiff in " + unit);
        };
    return map(
        start, end, SparkType.LONG, (a, b) -> chrono.between(local(a, zone), local(b, zone)));
  }

  /** Seconds since 1970, of a time stamp or of the start of a day. */
  static Expression unixTime(Expression operand, ZoneId zone) {
    if (operand.type() == SparkType.TIMESTAMP) {
      // Spark cuts the fraction off towards 1970; its cast rounds down.
      return map(operand, SparkType.LONG, t -> t / MICROS);
    }
    if (operand.type() == SparkType.DATE) {
      return map(operand, SparkType.LONG, d -> startOfDay(d, zone) / MICROS);
    }
    throw Expressions.unknown("unix_timestamp of " + operand.type().text());
  }

  /** Months between two time stamps, of which the days that no month fills count 1 / 31 each. */
  static Expression monthsBetween(Expression left, Expression right, boolean rounded, ZoneId zone) {
    return Expression.of(
        SparkType.DOUBLE,
        rows -> {
          LongColumn a = (LongColumn) left.evaluate(rows);
          LongColumn b = (LongColumn) right.evaluate(rows);
          boolean[] nulls = Nulls.either(a.nulls(), b.nulls());
          double[] out = new double[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            if (!Nulls.at(nulls, row)) {
              double months = months(a.values()[row], b.values()[row], zone);
              out[row] = rounded ? Math.round(months * 1e8) / 1e8 : months;
            }
          }
          return new DoubleColumn(out, nulls);
        });
  }

  private static double months(long left, long right, ZoneId zone) {
    LocalDate a = local(left, zone).toLocalDate();
    LocalDate b = local(right, zone).toLocalDate();
    double months = (a.getYear() * 12 + a.getMonthValue()) - (b.getYear() * 12 + b.getMonthValue());
    boolean ends = a.getDayOfMonth() == a.lengthOfMonth() && b.getDayOfMonth() == b.lengthOfMonth();
    if (a.getDayOfMonth() == b.getDayOfMonth() || ends) {
      return months;
    }
    long seconds =
        (a.getDayOfMonth() - b.getDayOfMonth()) * 86_400L
            + secondsOfDay(left, a, zone)
            - secondsOfDay(right, b, zone);
    return months + seconds / 2_678_400.0;
  }

  private static long secondsOfDay(long micros, LocalDate day, ZoneId zone) {
    return (micros - startOfDay(day.toEpochDay(), zone)) / MICROS;
  }

  /** A result, or 0 and a failed row where it is out of the range of dates. */
  private static long within(Evaluation rows, int row, LongSupplier result) {
    try {
      return result.getAsLong();
    } catch (DateTimeException | ArithmeticException e) {
      rows.fail(row, "Spark has no such date");
      return 0L;
    }
  }

  static Expression map(Expression operand, SparkType type, LongUnaryOperator function) {
    return Expression.of(
        type,
        rows -> {
          LongColumn in = (LongColumn) operand.evaluate(rows);
          long[] out = new long[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            if (!in.isNull(row) && rows.isActive(row)) {
              long value = in.values()[row];
              out[row] = within(rows, row, () -> function.applyAsLong(value));
            }
          }
          return new LongColumn(out, in.nulls());
        });
  }

  private static Expression map(
      Expression left, Expression right, SparkType type, Binary function) {
    return Expression.of(
        type,
        rows -> {
          LongColumn a = (LongColumn) left.evaluate(rows);
          LongColumn b = (LongColumn) right.evaluate(rows);
          boolean[] nulls = Nulls.either(a.nulls(), b.nulls());
          long[] out = new long[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            if (!Nulls.at(nulls, row) && rows.isActive(row)) {
              long x = a.values()[row];
              long y = b.values()[row];
              out[row] = within(rows, row, () -> function.apply(x, y));
            }
          }
          return new LongColumn(out, nulls);
        });
  }
}
