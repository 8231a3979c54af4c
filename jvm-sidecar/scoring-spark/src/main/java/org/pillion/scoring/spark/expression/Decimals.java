package org.pillion.scoring.spark.expression;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DecimalColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;

/** Decimal numbers: arithmetic, casts and rounding, each brought into the type of its result. */
final class Decimals {
  /** As Spark's products and quotients are rounded before they get their type. */
  private static final MathContext CONTEXT = new MathContext(38, RoundingMode.HALF_UP);

  /** The most digits of a decimal, and so of its whole part and of its fraction. */
  private static final int MOST_DIGITS = 38;

  /** So far behind the point a text's digits are passed over: no type has them. */
  private static final int LONGEST_FRACTION = 1000;

  /**
   * Digits of a type.
   *
   * @param precision all of them
   * @param scale those after the point
   */
  record Digits(int precision, int scale) {
    Digits {
      if (precision < 1 || precision > MOST_DIGITS || scale > precision) {
        throw new InvalidModel(
            "the plan has a decimal of %d digits, %d of them after the point"
                .formatted(precision, scale));
      }
    }

    static Digits of(Element element) {
      return new Digits(element.count("precision"), element.count("scale"));
    }

    /** The number with the type's scale, or null where the type has not so many digits. */
    BigDecimal fit(BigDecimal value, RoundingMode rounding) {
      BigDecimal scaled = value.setScale(scale, rounding);
      return scaled.precision() - scaled.scale() > precision - scale ? null : scaled;
    }
  }

  /** Computes a decimal of a row; null where there is none. */
  private interface RowRule {
    BigDecimal apply(Evaluation rows, int row);
  }

  private Decimals() {}

  /** Sum, difference, product, quotient or remainder. */
  static Expression arithmetic(
      String name, Expression left, Expression right, Digits digits, EvalMode mode) {
    return Expression.of(
        SparkType.DECIMAL,
        rows -> {
          BigDecimal[] a = ((DecimalColumn) left.evaluate(rows)).values();
          BigDecimal[] b = ((DecimalColumn) right.evaluate(rows)).values();
          return column(
              rows,
              (all, row) -> {
                if (a[row] == null || b[row] == null) {
                  return null;
                }
                boolean divides =
                    name.equals("divide") || name.equals("remainder") || name.equals("pmod");
                if (divides && b[row].signum() == 0) {
                  if (mode == EvalMode.ANSI) {
                    all.fail(row, "Spark refuses to divide by zero");
                  }
                  return null;
                }
                return fitted(all, row, result(name, a[row], b[row]), digits, mode);
              });
        });
  }

  private static BigDecimal result(String name, BigDecimal a, BigDecimal b) {
    return switch (name) {
      case "add" -> a.add(b);
      case "subtract" -> a.subtract(b);
      case "multiply" -> a.multiply(b, CONTEXT);
      case "divide" -> a.divide(b, 38, RoundingMode.HALF_UP);
      case "remainder" -> a.remainder(b, CONTEXT);
      default -> throw Expressions.unknown(name + " of decimals");
    };
  }

  private static BigDecimal fitted(
      Evaluation rows, int row, BigDecimal value, Digits digits, EvalMode mode) {
    BigDecimal fitted = digits.fit(value, RoundingMode.HALF_UP);
    if (fitted == null && mode == EvalMode.ANSI) {
      rows.fail(
          row,
          "Spark refuses a decimal that has more than %d digits, %d of them after the point"
              .formatted(digits.precision, digits.scale));
    }
    return fitted;
  }

  private static DecimalColumn column(Evaluation rows, RowRule rule) {
    BigDecimal[] out = new BigDecimal[rows.rows()];
    for (int row = 0; row < out.length; row++) {
      out[row] = rows.isActive(row) ? rule.apply(rows, row) : null;
    }
    return new DecimalColumn(out);
  }

  /** ROUND, BROUND, FLOOR and CEIL; and the opposite and absolute value, which need no type. */
  static Expression rounded(
      Expression operand, int scale, RoundingMode rounding, Digits digits, EvalMode mode) {
    return Expression.of(
        SparkType.DECIMAL,
        rows -> {
          BigDecimal[] in = ((DecimalColumn) operand.evaluate(rows)).values();
          return column(
              rows,
              (all, row) ->
                  in[row] == null
                      ? null
                      : fitted(all, row, in[row].setScale(scale, rounding), digits, mode));
        });
  }

  /** The opposite or the absolute value. */
  static Expression sign(Expression operand, boolean negate) {
    return Expression.of(
        SparkType.DECIMAL,
        rows -> {
          BigDecimal[] in = ((DecimalColumn) operand.evaluate(rows)).values();
          return column(
              rows,
              (all, row) -> in[row] == null ? null : negate ? in[row].negate() : in[row].abs());
        });
  }

  /** A cast from a number, a truth value or a text. */
  static Expression of(Expression operand, Digits digits, EvalMode mode) {
    return Expression.of(
        SparkType.DECIMAL,
        rows -> {
          Values in = operand.evaluate(rows);
          return column(
              rows,
              (all, row) -> {
                if (in.isNull(row)) {
                  return null;
                }
                BigDecimal exact = exact(in, row);
                if (exact != null) {
                  return fitted(all, row, exact, digits, mode);
                }
                // Of NaN and infinities Spark makes null in any mode; only texts fail.
                if (in instanceof StringColumn && mode == EvalMode.ANSI) {
                  all.fail(row, "Spark cannot cast the text to decimal");
                }
                return null;
              });
        });
  }

  private static BigDecimal exact(Values in, int row) {
    if (in instanceof DecimalColumn decimals) {
      return decimals.values()[row];
    }
    if (in instanceof LongColumn wholes) {
      return BigDecimal.valueOf(wholes.values()[row]);
    }
    if (in instanceof BooleanColumn flags) {
      return flags.values()[row] ? BigDecimal.ONE : BigDecimal.ZERO;
    }
    if (in instanceof DoubleColumn numbers) {
      double x = numbers.values()[row];
      return Double.isNaN(x) || Double.isInfinite(x) ? null : BigDecimal.valueOf(x);
    }
    try {
      BigDecimal read = new BigDecimal(((StringColumn) in).text(row).strip());
      int whole = read.precision() - read.scale();
      return whole > MOST_DIGITS ? null : whole < -LONGEST_FRACTION ? BigDecimal.ZERO : read;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /**
   * A constant.
   *
   * @throws InvalidModel when it is none that a type could have
   */
  static BigDecimal constant(Element element, String text) {
    try {
      BigDecimal value = new BigDecimal(text);
      if (value.precision() <= MOST_DIGITS && Math.abs(value.scale()) <= MOST_DIGITS) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw element.invalid("has a bad decimal: " + Element.shorten(text));
    }
    throw element.invalid("has a decimal of too many digits: " + Element.shorten(text));
  }

  /** A cast to a floating-point number. */
  static DoubleColumn toDoubles(DecimalColumn in, boolean narrow) {
    double[] out = new double[in.values().length];
    for (int row = 0; row < out.length; row++) {
      BigDecimal value = in.values()[row];
      out[row] = value == null ? 0.0 : narrow ? value.floatValue() : value.doubleValue();
    }
    return new DoubleColumn(out, in.nulls());
  }
}
