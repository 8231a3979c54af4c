package org.pillion.scoring.spark.expression;

import java.util.function.DoubleBinaryOperator;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.SparkType;

/** Mathematical functions of two floating-point numbers; null where either is null. */
final class BinaryFunctions {
  private BinaryFunctions() {}

  static Expression of(String name, Expression left, Expression right) {
    return switch (name) {
      case "pow" -> function(left, right, StrictMath::pow);
      case "hypot" -> function(left, right, Math::hypot);
      // Spark adds zero, so that −0.0 is 0.0.
      case "atan2" -> function(left, right, (y, x) -> Math.atan2(y + 0.0, x + 0.0));
      case "log" -> logarithm(left, right);
      case "nanvl" -> function(left, right, (x, y) -> Double.isNaN(x) ? y : x);
      default -> throw Expressions.unknown(name);
    };
  }

  private static Expression function(
      Expression left, Expression right, DoubleBinaryOperator operator) {
    return Expression.of(
        SparkType.DOUBLE,
        rows -> {
          DoubleColumn a = (DoubleColumn) left.evaluate(rows);
          DoubleColumn b = (DoubleColumn) right.evaluate(rows);
          double[] out = new double[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            out[row] = operator.applyAsDouble(a.values()[row], b.values()[row]);
          }
          return new DoubleColumn(out, Nulls.either(a.nulls(), b.nulls()));
        });
  }

  /** Null where base or number is not above zero. */
  private static Expression logarithm(Expression base, Expression number) {
    return Expression.of(
        SparkType.DOUBLE,
        rows -> {
          DoubleColumn a = (DoubleColumn) base.evaluate(rows);
          DoubleColumn b = (DoubleColumn) number.evaluate(rows);
          double[] out = new double[rows.rows()];
          boolean[] nulls = new boolean[out.length];
          for (int row = 0; row < out.length; row++) {
            double x = a.values()[row];
            double y = b.values()[row];
            nulls[row] = a.isNull(row) || b.isNull(row) || x <= 0.0 || y <= 0.0;
            out[row] = nulls[row] ? 0.0 : StrictMath.log(y) / StrictMath.log(x);
          }
          return new DoubleColumn(out, nulls);
        });
  }
}
