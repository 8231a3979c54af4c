package org.pillion.scoring.spark.expression;

import java.util.function.DoubleUnaryOperator;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;

/**
 * Mathematical functions; Spark takes the exponential ones from StrictMath, the others from Math.
 */
final class Functions {
  private static final double LOG_2 = StrictMath.log(2.0);

  private Functions() {}

  static Expression unary(String name, Expression operand) {
    return switch (name) {
      case "ln" -> logarithm(operand, StrictMath::log, 0.0);
      case "log10" -> logarithm(operand, StrictMath::log10, 0.0);
      case "log2" -> logarithm(operand, x -> StrictMath.log(x) / LOG_2, 0.0);
      case "log1p" -> logarithm(operand, StrictMath::log1p, -1.0);
      case "exp" -> of(operand, StrictMath::exp);
      case "expm1" -> of(operand, StrictMath::expm1);
      case "sqrt" -> of(operand, Math::sqrt);
      case "sin" -> of(operand, Math::sin);
      case "cos" -> of(operand, Math::cos);
      case "tan" -> of(operand, Math::tan);
      case "asin" -> of(operand, Math::asin);
      case "acos" -> of(operand, Math::acos);
      case "atan" -> of(operand, Math::atan);
      case "sinh" -> of(operand, Math::sinh);
      case "cosh" -> of(operand, Math::cosh);
      case "tanh" -> of(operand, Math::tanh);
      case "cbrt" -> of(operand, Math::cbrt);
      case "rint" -> of(operand, Math::rint);
      case "signum" -> of(operand, Math::signum);
      case "degrees" -> of(operand, Math::toDegrees);
      case "radians" -> of(operand, Math::toRadians);
      case "cot" -> of(operand, x -> 1.0 / Math.tan(x));
      case "sec" -> of(operand, x -> 1.0 / Math.cos(x));
      case "csc" -> of(operand, x -> 1.0 / Math.sin(x));
      case "floor" -> toLong(operand, Math::floor);
      case "ceil" -> toLong(operand, Math::ceil);
      default -> throw Expressions.unknown(name);
    };
  }

  private static Expression of(Expression operand, DoubleUnaryOperator function) {
    return logarithm(operand, function, Double.NaN);
  }

  /**
   * A function that is null up to a bound.
   *
   * @param bound null here and below; NaN for none
   */
  private static Expression logarithm(
      Expression operand, DoubleUnaryOperator function, double bound) {
    return Expression.of(
        SparkType.DOUBLE,
        rows -> {
          DoubleColumn in = (DoubleColumn) operand.evaluate(rows);
          int n = rows.rows();
          double[] out = new double[n];
          boolean[] nulls = in.nulls();
          boolean copied = false;
          for (int row = 0; row < n; row++) {
            double x = in.values()[row];
            if (x <= bound && !Nulls.at(nulls, row)) {
              if (!copied) {
                nulls = nulls == null ? new boolean[n] : nulls.clone();
                copied = true;
              }
              nulls[row] = true;
            } else {
              out[row] = function.applyAsDouble(x);
            }
          }
          return new DoubleColumn(out, nulls);
        });
  }

  private static Expression toLong(Expression operand, DoubleUnaryOperator function) {
    return Expression.of(
        SparkType.LONG,
        rows -> {
          DoubleColumn in = (DoubleColumn) operand.evaluate(rows);
          long[] out = new long[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            out[row] = (long) function.applyAsDouble(in.values()[row]);
          }
          return new LongColumn(out, in.nulls());
        });
  }

  /** Negation, or the absolute value; the smallest whole number has neither. */
  static Expression sign(String name, Expression operand, EvalMode mode) {
    boolean negate = name.equals("negate");
    SparkType type = operand.type();
    return Expression.of(
        type,
        rows -> {
          Values values = operand.evaluate(rows);
          int n = rows.rows();
          if (values instanceof DoubleColumn in) {
            double[] out = new double[n];
            for (int row = 0; row < n; row++) {
              out[row] = negate ? -in.values()[row] : Math.abs(in.values()[row]);
            }
            return new DoubleColumn(out, in.nulls());
          }
          LongColumn in = (LongColumn) values;
          long[] out = new long[n];
          for (int row = 0; row < n; row++) {
            long x = in.values()[row];
            if (x == type.smallest() && !in.isNull(row) && mode == EvalMode.ANSI) {
              rows.fail(row, "Spark refuses a result outside of the type " + type.text());
            }
            out[row] = Wrapping.to(type, negate ? -x : Math.abs(x));
          }
          return new LongColumn(out, in.nulls());
        });
  }
}
