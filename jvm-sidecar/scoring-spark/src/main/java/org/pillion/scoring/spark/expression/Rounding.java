package org.pillion.scoring.spark.expression;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;

/** ROUND and BROUND: numbers as decimals of the shortest text that reads back to them. */
final class Rounding {
  private Rounding() {}

  static Expression of(Expression operand, int scale, RoundingMode rounding, EvalMode mode) {
    if (operand.type().isFloating()) {
      return floating(operand, scale, rounding);
    }
    if (!operand.type().isWhole()) {
      throw Expressions.unknown("round of " + operand.type().text());
    }
    return scale >= 0 ? operand : whole(operand, scale, rounding, mode);
  }

  private static Expression floating(Expression operand, int scale, RoundingMode rounding) {
    boolean narrow = operand.type() == SparkType.FLOAT;
    return Expression.of(
        operand.type(),
        rows -> {
          DoubleColumn in = (DoubleColumn) operand.evaluate(rows);
          double[] out = new double[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            double x = in.values()[row];
            if (in.isNull(row) || Double.isNaN(x) || Double.isInfinite(x)) {
              out[row] = x;
              continue;
            }
            BigDecimal rounded = BigDecimal.valueOf(x).setScale(scale, rounding);
            out[row] = narrow ? rounded.floatValue() : rounded.doubleValue();
          }
          return new DoubleColumn(out, in.nulls());
        });
  }

  private static Expression whole(
      Expression operand, int scale, RoundingMode rounding, EvalMode mode) {
    SparkType type = operand.type();
    return Expression.of(
        type,
        rows -> {
          LongColumn in = (LongColumn) operand.evaluate(rows);
          long[] out = new long[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            if (in.isNull(row)) {
              continue;
            }
            BigDecimal rounded = BigDecimal.valueOf(in.values()[row]).setScale(scale, rounding);
            out[row] = Wrapping.to(type, rounded.toBigInteger().longValue());
            if (mode == EvalMode.ANSI && rounded.compareTo(BigDecimal.valueOf(out[row])) != 0) {
              rows.fail(row, "Spark refuses a result outside of the type " + type.text());
            }
          }
          return new LongColumn(out, in.nulls());
        });
  }
}
