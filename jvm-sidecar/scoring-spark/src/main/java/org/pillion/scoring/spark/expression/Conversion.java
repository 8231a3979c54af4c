package org.pillion.scoring.spark.expression;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DecimalColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.text.JavaVersion;

/** Casts between numbers, truth values, dates and time stamps, from texts, and to texts. */
final class Conversion {
  private Conversion() {}

  /**
   * A cast.
   *
   * @param element with the type, and a time zone where the cast depends on it
   * @param mode what a value gives that the type does not have
   */
  static Expression of(Element element, Expression operand, EvalMode mode) {
    SparkType from = operand.type();
    SparkType to = SparkType.of(element.require("type"));
    if (to == SparkType.DECIMAL) {
      return Decimals.of(operand, Decimals.Digits.of(element), mode);
    }
    boolean zoned = from == SparkType.TIMESTAMP || to == SparkType.TIMESTAMP;
    ZoneId zone = zoned || element.has("zone") ? Dates.zone(element) : null;
    if (from == to) {
      return operand;
    }
    if (to == SparkType.STRING && from.isScalar()) {
      if (from.isFloating()) {
        JavaVersion.requireAlike(element.count("java"), "texts of numbers");
      }
      return TextFunctions.written(operand, zone, mode == EvalMode.ANSI);
    }
    if (from == SparkType.DATE || from == SparkType.TIMESTAMP || from == SparkType.TIMESTAMP_NTZ) {
      return ofTime(operand, to, zone);
    }
    boolean fromTime = to == SparkType.DATE || to == SparkType.TIMESTAMP;
    boolean known = to == SparkType.BOOLEAN || to.isFloating() || to.isWhole();
    if (!from.isScalar() || !(known || from == SparkType.STRING && fromTime)) {
      throw unknown(from, to);
    }
    return Expression.of(
        to,
        rows -> {
          Values values = operand.evaluate(rows);
          if (values instanceof StringColumn texts) {
            return fromTexts(texts, to, zone, mode, rows);
          }
          if (to.isFloating()) {
            return floating(values, to == SparkType.FLOAT);
          }
          return to == SparkType.BOOLEAN ? flags(values) : whole(values, to, mode, rows);
        });
  }

  private static RuntimeException unknown(SparkType from, SparkType to) {
    return Expressions.unknown("cast from " + from.text() + " to " + to.text());
  }

  private static Expression ofTime(Expression operand, SparkType to, ZoneId zone) {
    boolean date = operand.type() == SparkType.DATE;
    if (operand.type() == SparkType.TIMESTAMP_NTZ) {
      return ofClock(operand, to, zone);
    }
    if (to == SparkType.TIMESTAMP_NTZ) {
      return date
          ? Dates.map(operand, to, days -> Dates.startOfDay(days, ZoneOffset.UTC))
          : Dates.map(operand, to, micros -> Dates.moved(micros, zone, ZoneOffset.UTC));
    }
    if (date && to == SparkType.TIMESTAMP) {
      return Dates.map(operand, to, days -> Dates.startOfDay(days, zone));
    }
    if (!date && to == SparkType.DATE) {
      return Dates.map(operand, to, micros -> Dates.days(micros, zone));
    }
    if (!date && to == SparkType.LONG) {
      return Dates.map(operand, to, micros -> Math.floorDiv(micros, Dates.MICROS));
    }
    if (!date && to == SparkType.DOUBLE) {
      return Expression.of(
          to,
          rows -> {
            LongColumn in = (LongColumn) operand.evaluate(rows);
            double[] out = new double[rows.rows()];
            for (int row = 0; row < out.length; row++) {
              out[row] = in.values()[row] / (double) Dates.MICROS;
            }
            return new DoubleColumn(out, in.nulls());
          });
    }
    throw unknown(operand.type(), to);
  }

  private static Expression ofClock(Expression operand, SparkType to, ZoneId zone) {
    return switch (to) {
      case TIMESTAMP -> Dates.map(operand, to, micros -> Dates.moved(micros, ZoneOffset.UTC, zone));
      case DATE -> Dates.map(operand, to, micros -> Dates.days(micros, ZoneOffset.UTC));
      default -> throw unknown(operand.type(), to);
    };
  }

  /** Each different text is read once. */
  private static Values fromTexts(
      StringColumn texts, SparkType to, ZoneId zone, EvalMode mode, Evaluation rows) {
    int n = texts.dictionary().length;
    double[] numbers = new double[n];
    long[] wholes = new long[n];
    boolean[] known = new boolean[n];
    boolean[] ofToday = new boolean[n];
    for (int code = 0; code < n; code++) {
      String text = texts.dictionary()[code];
      if (to.isFloating()) {
        OptionalDouble read = TextParsing.number(text, to == SparkType.FLOAT);
        known[code] = read.isPresent();
        numbers[code] = read.orElse(0.0);
      } else if (to == SparkType.BOOLEAN) {
        Boolean read = TextParsing.flag(text);
        known[code] = read != null;
        wholes[code] = Boolean.TRUE.equals(read) ? 1L : 0L;
      } else {
        OptionalLong read = wholes(text, to, zone, mode);
        known[code] = read.isPresent();
        wholes[code] = read.orElse(0L);
        ofToday[code] = to == SparkType.TIMESTAMP && !known[code] && TextParsing.isTimeOfDay(text);
      }
    }
    int count = rows.rows();
    boolean[] nulls = new boolean[count];
    double[] doubles = to.isFloating() ? new double[count] : null;
    long[] longs = to.isFloating() || to == SparkType.BOOLEAN ? null : new long[count];
    boolean[] flags = to == SparkType.BOOLEAN ? new boolean[count] : null;
    for (int row = 0; row < count; row++) {
      int code = texts.codes()[row];
      nulls[row] = code < 0 || !known[code];
      if (code >= 0 && ofToday[code]) {
        rows.fail(row, "Spark takes the current day for a time of day; give its date");
      } else if (code >= 0 && !known[code] && mode == EvalMode.ANSI) {
        rows.fail(row, "Spark cannot cast the text to " + to.text());
      }
      if (nulls[row]) {
        continue;
      }
      if (doubles != null) {
        doubles[row] = numbers[code];
      } else if (longs != null) {
        longs[row] = wholes[code];
      } else {
        flags[row] = wholes[code] != 0L;
      }
    }
    return doubles != null
        ? new DoubleColumn(doubles, nulls)
        : longs != null ? new LongColumn(longs, nulls) : new BooleanColumn(flags, nulls);
  }

  private static OptionalLong wholes(String text, SparkType to, ZoneId zone, EvalMode mode) {
    if (to == SparkType.DATE) {
      return TextParsing.date(text);
    }
    if (to == SparkType.TIMESTAMP) {
      return TextParsing.timestamp(text, zone);
    }
    OptionalLong read = TextParsing.whole(text, mode == EvalMode.LEGACY);
    boolean fits =
        read.isPresent() && read.getAsLong() >= to.smallest() && read.getAsLong() <= to.largest();
    return fits ? read : OptionalLong.empty();
  }

  private static DoubleColumn floating(Values values, boolean narrow) {
    if (values instanceof DecimalColumn in) {
      return Decimals.toDoubles(in, narrow);
    }
    double[] out;
    if (values instanceof DoubleColumn in) {
      out = in.values();
      if (narrow) {
        out = out.clone();
      }
    } else if (values instanceof LongColumn in) {
      out = new double[in.values().length];
      for (int row = 0; row < out.length; row++) {
        out[row] = narrow ? (float) in.values()[row] : (double) in.values()[row];
      }
    } else {
      BooleanColumn in = (BooleanColumn) values;
      out = new double[in.values().length];
      for (int row = 0; row < out.length; row++) {
        out[row] = in.values()[row] ? 1.0 : 0.0;
      }
    }
    if (narrow && values instanceof DoubleColumn) {
      for (int row = 0; row < out.length; row++) {
        out[row] = (float) out[row];
      }
    }
    return new DoubleColumn(out, values.nulls());
  }

  private static BooleanColumn flags(Values values) {
    boolean[] out;
    if (values instanceof DoubleColumn in) {
      out = new boolean[in.values().length];
      for (int row = 0; row < out.length; row++) {
        out[row] = in.values()[row] != 0.0;
      }
    } else if (values instanceof DecimalColumn in) {
      out = new boolean[in.values().length];
      for (int row = 0; row < out.length; row++) {
        out[row] = in.values()[row] != null && in.values()[row].signum() != 0;
      }
    } else {
      long[] in = ((LongColumn) values).values();
      out = new boolean[in.length];
      for (int row = 0; row < out.length; row++) {
        out[row] = in[row] != 0L;
      }
    }
    return new BooleanColumn(out, values.nulls());
  }

  /** A fraction is cut off; what is then outside of the type goes by the mode. */
  private static LongColumn whole(Values values, SparkType to, EvalMode mode, Evaluation rows) {
    long[] out = new long[rows.rows()];
    boolean[] nulls = values.nulls();
    boolean copied = false;
    for (int row = 0; row < out.length; row++) {
      if (values.isNull(row)) {
        continue;
      }
      boolean fits = true;
      if (values instanceof DoubleColumn in) {
        double x = in.values()[row];
        out[row] = mode == EvalMode.LEGACY ? Wrapping.to(to, x) : (long) x;
        fits =
            to == SparkType.LONG
                ? Math.floor(x) <= Long.MAX_VALUE && Math.ceil(x) >= Long.MIN_VALUE
                : Math.floor(x) <= to.largest() && Math.ceil(x) >= to.smallest();
      } else if (values instanceof LongColumn in) {
        out[row] = Wrapping.to(to, in.values()[row]);
        fits = in.values()[row] >= to.smallest() && in.values()[row] <= to.largest();
      } else if (values instanceof DecimalColumn in) {
        BigDecimal cut = in.values()[row].setScale(0, RoundingMode.DOWN);
        out[row] = Wrapping.to(to, cut.toBigInteger().longValue());
        fits = cut.compareTo(BigDecimal.valueOf(out[row])) == 0;
      } else {
        out[row] = ((BooleanColumn) values).values()[row] ? 1L : 0L;
      }
      if (fits || mode == EvalMode.LEGACY) {
        continue;
      }
      if (mode == EvalMode.ANSI) {
        rows.fail(row, "Spark cannot cast the number to " + to.text());
      } else {
        nulls = copied ? nulls : nulls == null ? new boolean[out.length] : nulls.clone();
        copied = true;
        nulls[row] = true;
      }
    }
    return new LongColumn(out, nulls);
  }
}
