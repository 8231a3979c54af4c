package org.pillion.scoring.spark.expression;

import java.util.function.DoubleBinaryOperator;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;

/** Sums, differences, products, quotients and remainders of two operands of one type. */
final class Arithmetic {
  /** A binary operation on whole numbers. */
  private interface WholeOperator {
    long apply(long left, long right);
  }

  private Arithmetic() {}

  /**
   * An operation.
   *
   * @param mode what overflow and division by zero give
   */
  static Expression of(String name, Expression left, Expression right, EvalMode mode) {
    SparkType type = left.type();
    if (type == SparkType.DOUBLE && name.equals("add")) {
      return Sum.of(left, right);
    } else if (type == SparkType.DOUBLE && name.equals("multiply")) {
      return new Sum.Product(left, right);
    } else if (type.isFloating()) {
      return floating(type, name, left, right, mode);
    }
    return whole(type, name, left, right, mode);
  }

  private static Expression floating(
      SparkType type, String name, Expression left, Expression right, EvalMode mode) {
    DoubleBinaryOperator operator = floatingOperator(name);
    boolean divides = name.equals("divide") || name.equals("remainder") || name.equals("pmod");
    return Expression.of(
        type,
        rows -> {
          DoubleColumn a = (DoubleColumn) left.evaluate(rows);
          DoubleColumn b = (DoubleColumn) right.evaluate(rows);
          double[] out = new double[rows.rows()];
          double[] x = a.values();
          double[] y = b.values();
          boolean[] nulls = Nulls.either(a.nulls(), b.nulls());
          if (divides) {
            nulls = zeroDivisors(rows, y, nulls, mode);
          }
          apply(name, operator, x, y, out);
          return rounded(type, out, nulls);
        });
  }

  private static DoubleColumn rounded(SparkType type, double[] values, boolean[] nulls) {
    if (type == SparkType.FLOAT) {
      // The nearest float of the double's result is the float's result for one operation.
      for (int row = 0; row < values.length; row++) {
        values[row] = (float) values[row];
      }
    }
    return new DoubleColumn(values, nulls);
  }

  /** The usual three as loops of their own, which the JIT compiles to vector instructions. */
  private static void apply(
      String name, DoubleBinaryOperator operator, double[] x, double[] y, double[] out) {
    switch (name) {
      case "add" -> {
        for (int row = 0; row < out.length; row++) {
          out[row] = x[row] + y[row];
        }
      }
      case "subtract" -> {
        for (int row = 0; row < out.length; row++) {
          out[row] = x[row] - y[row];
        }
      }
      case "multiply" -> {
        for (int row = 0; row < out.length; row++) {
          out[row] = x[row] * y[row];
        }
      }
      default -> {
        for (int row = 0; row < out.length; row++) {
          out[row] = operator.applyAsDouble(x[row], y[row]);
        }
      }
    }
  }

  private static DoubleBinaryOperator floatingOperator(String name) {
    return switch (name) {
      case "add" -> (x, y) -> x + y;
      case "subtract" -> (x, y) -> x - y;
      case "multiply" -> (x, y) -> x * y;
      case "divide" -> (x, y) -> x / y;
      case "remainder" -> (x, y) -> x % y;
      case "pmod" -> (x, y) -> x % y < 0.0 ? (x % y + y) % y : x % y;
      default -> throw Expressions.unknown(name);
    };
  }

  /** Division by zero is null, or fails the row in ANSI mode; null operands come first. */
  private static boolean[] zeroDivisors(
      Evaluation rows, double[] divisors, boolean[] nulls, EvalMode mode) {
    boolean[] out = nulls;
    for (int row = 0; row < divisors.length; row++) {
      if (divisors[row] == 0 && !Nulls.at(nulls, row)) {
        if (mode == EvalMode.ANSI) {
          rows.fail(row, "Spark refuses to divide by zero");
        } else {
          if (out == nulls) {
            out = nulls == null ? new boolean[divisors.length] : nulls.clone();
          }
          out[row] = true;
        }
      }
    }
    return out;
  }

  private static Expression whole(
      SparkType type, String name, Expression left, Expression right, EvalMode mode) {
    WholeOperator operator = wholeOperator(name);
    boolean divides = name.equals("remainder") || name.equals("div") || name.equals("pmod");
    return Expression.of(
        type,
        rows -> {
          LongColumn a = (LongColumn) left.evaluate(rows);
          LongColumn b = (LongColumn) right.evaluate(rows);
          boolean[] nulls = Nulls.either(a.nulls(), b.nulls());
          boolean[] out = null;
          long[] results = new long[rows.rows()];
          for (int row = 0; row < results.length; row++) {
            if (Nulls.at(nulls, row)) {
              continue;
            }
            long x = a.values()[row];
            long y = b.values()[row];
            boolean undefined = divides && y == 0L;
            if (!undefined) {
              results[row] = Wrapping.to(type, operator.apply(x, y));
            }
            if (!undefined && (mode == EvalMode.LEGACY || fits(name, x, y, results[row]))) {
              continue;
            }
            if (mode == EvalMode.ANSI) {
              rows.fail(
                  row,
                  undefined
                      ? "Spark refuses to divide by zero"
                      : "Spark refuses a result outside of the type " + type.text());
            } else {
              if (out == null) {
                out = nulls == null ? new boolean[results.length] : nulls.clone();
              }
              out[row] = true;
            }
          }
          return new LongColumn(results, out == null ? nulls : out);
        });
  }

  /** Whether a result that was brought into its type is the true one. */
  private static boolean fits(String name, long x, long y, long result) {
    try {
      return switch (name) {
        case "add" -> Math.addExact(x, y) == result;
        case "subtract" -> Math.subtractExact(x, y) == result;
        case "multiply" -> Math.multiplyExact(x, y) == result;
        case "div" -> x != Long.MIN_VALUE || y != -1L;
        default -> true;
      };
    } catch (ArithmeticException e) {
      return false;
    }
  }

  private static WholeOperator wholeOperator(String name) {
    return switch (name) {
      case "add" -> (x, y) -> x + y;
      case "subtract" -> (x, y) -> x - y;
      case "multiply" -> (x, y) -> x * y;
      case "remainder" -> (x, y) -> x % y;
      case "div" -> (x, y) -> x / y;
      case "pmod" -> (x, y) -> x % y < 0L ? (x % y + y) % y : x % y;
      default -> throw Expressions.unknown(name);
    };
  }
}
