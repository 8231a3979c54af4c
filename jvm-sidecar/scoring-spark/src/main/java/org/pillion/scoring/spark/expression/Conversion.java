package org.pillion.scoring.spark.expression;

import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;

/** Casts between numbers and truth values, and of whole numbers and truth values to text. */
final class Conversion {
  private Conversion() {}

  /**
   * A cast.
   *
   * @param ansi whether a number outside of the type fails the row, as in Spark's ANSI mode
   */
  static Expression of(Expression operand, SparkType to, boolean ansi) {
    SparkType from = operand.type();
    if (from == to) {
      return operand;
    }
    if (to == SparkType.STRING && (from.isWhole() || from == SparkType.BOOLEAN)) {
      return TextFunctions.written(operand);
    }
    boolean known = from != SparkType.STRING && from.isScalar();
    boolean target = to != SparkType.STRING && to.isScalar();
    if (!known || !target || !ansi && to.isWhole()) {
      throw Expressions.unknown("cast from " + from.text() + " to " + to.text());
    }
    return new Expression() {
      @Override
      public SparkType type() {
        return to;
      }

      @Override
      public Values evaluate(Evaluation rows) {
        Values values = operand.evaluate(rows);
        if (to.isFloating()) {
          return floating(values, to == SparkType.FLOAT);
        }
        return to == SparkType.BOOLEAN ? flags(values) : whole(values, to, rows);
      }
    };
  }

  private static DoubleColumn floating(Values values, boolean narrow) {
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
    } else {
      long[] in = ((LongColumn) values).values();
      out = new boolean[in.length];
      for (int row = 0; row < out.length; row++) {
        out[row] = in[row] != 0L;
      }
    }
    return new BooleanColumn(out, values.nulls());
  }

  /** A fraction is cut off; what is then outside of the type fails the row. */
  private static LongColumn whole(Values values, SparkType to, Evaluation rows) {
    long[] out = new long[rows.rows()];
    for (int row = 0; row < out.length; row++) {
      if (values.isNull(row)) {
        continue;
      }
      boolean fits = true;
      if (values instanceof DoubleColumn in) {
        double x = in.values()[row];
        out[row] = (long) x;
        fits =
            to == SparkType.LONG
                ? Math.floor(x) <= Long.MAX_VALUE && Math.ceil(x) >= Long.MIN_VALUE
                : Math.floor(x) <= to.largest() && Math.ceil(x) >= to.smallest();
      } else if (values instanceof LongColumn in) {
        out[row] = in.values()[row];
        fits = out[row] >= to.smallest() && out[row] <= to.largest();
      } else {
        out[row] = ((BooleanColumn) values).values()[row] ? 1L : 0L;
      }
      if (!fits) {
        rows.fail(row, "Spark cannot cast the number to " + to.text());
      }
    }
    return new LongColumn(out, values.nulls());
  }
}
