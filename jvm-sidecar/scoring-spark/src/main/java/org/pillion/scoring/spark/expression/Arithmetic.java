package org.pillion.scoring.spark.expression;

import java.util.function.DoubleBinaryOperator;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;

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
   * @param ansi whether overflow and division by zero fail the row, as in Spark's ANSI mode
   */
  static Expression of(String name, Expression left, Expression right, boolean ansi) {
    SparkType type = left.type();
    if (type.isFloating()) {
      return floating(type, name, left, right, ansi);
    }
    return whole(type, name, left, right, ansi);
  }

  private static Expression floating(
      SparkType type, String name, Expression left, Expression right, boolean ansi) {
    DoubleBinaryOperator operator = floatingOperator(name);
    boolean divides = name.equals("divide") || name.equals("remainder");
    return new Expression() {
      @Override
      public SparkType type() {
        return type;
      }

      @Override
      public Values evaluate(Evaluation rows) {
        DoubleColumn a = (DoubleColumn) left.evaluate(rows);
        DoubleColumn b = (DoubleColumn) right.evaluate(rows);
        double[] out = new double[rows.rows()];
        double[] x = a.values();
        double[] y = b.values();
        boolean[] nulls = Nulls.either(a.nulls(), b.nulls());
        if (divides) {
          nulls = zeroDivisors(rows, y, nulls, ansi);
        }
        apply(name, operator, x, y, out);
        if (type == SparkType.FLOAT) {
          // The nearest float of the double's result is the float's result for one operation.
          for (int row = 0; row < out.length; row++) {
            out[row] = (float) out[row];
          }
        }
        return new DoubleColumn(out, nulls);
      }
    };
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
      default -> throw Expressions.unknown(name);
    };
  }

  /** Division by zero is null, or fails the row in ANSI mode; null operands come first. */
  private static boolean[] zeroDivisors(
      Evaluation rows, double[] divisors, boolean[] nulls, boolean ansi) {
    boolean[] out = nulls;
    for (int row = 0; row < divisors.length; row++) {
      if (divisors[row] == 0 && !Nulls.at(nulls, row)) {
        if (ansi) {
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
      SparkType type, String name, Expression left, Expression right, boolean ansi) {
    WholeOperator operator = wholeOperator(name);
    return new Expression() {
      @Override
      public SparkType type() {
        return type;
      }

      @Override
      public Values evaluate(Evaluation rows) {
        LongColumn a = (LongColumn) left.evaluate(rows);
        LongColumn b = (LongColumn) right.evaluate(rows);
        boolean[] nulls = Nulls.either(a.nulls(), b.nulls());
        long[] out = new long[rows.rows()];
        for (int row = 0; row < out.length; row++) {
          if (Nulls.at(nulls, row)) {
            continue;
          }
          try {
            out[row] = operator.apply(a.values()[row], b.values()[row]);
            if (out[row] < type.smallest() || out[row] > type.largest()) {
              throw new ArithmeticException("overflow");
            }
          } catch (ArithmeticException e) {
            if (!ansi) {
              throw Expressions.unknown(name + " that overflows outside of ANSI mode");
            }
            rows.fail(row, "Spark refuses a result outside of the type " + type.text());
          }
        }
        return new LongColumn(out, nulls);
      }
    };
  }

  private static WholeOperator wholeOperator(String name) {
    return switch (name) {
      case "add" -> Math::addExact;
      case "subtract" -> Math::subtractExact;
      case "multiply" -> Math::multiplyExact;
      case "remainder" -> (x, y) -> x % y;
      default -> throw Expressions.unknown(name);
    };
  }
}
