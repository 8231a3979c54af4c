package org.pillion.scoring.spark.expression;

import java.math.BigDecimal;
import java.util.Arrays;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DecimalColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.Slot;

/** Columns and constants. */
final class Leaves {
  private Leaves() {}

  static Expression column(Slot slot) {
    return new Expression() {
      @Override
      public SparkType type() {
        return slot.type();
      }

      @Override
      public Values evaluate(Evaluation rows) {
        return rows.frame().get(slot.id());
      }

      @Override
      public Values evaluateOnce(Evaluation rows) {
        return rows.frame().unrepeated(slot.id());
      }
    };
  }

  static Expression literal(Element element) {
    SparkType type = SparkType.of(element.require("type"));
    if (!type.isScalar()) {
      throw Expressions.unknown("literal " + type.text());
    }
    if (!element.has("value")) {
      return constant(type, 0.0, 0L, false, null, true);
    }
    if (type.isFloating()) {
      return constant(type, element.number("value"), 0L, false, null, false);
    }
    String value = element.require("value");
    if (type == SparkType.DECIMAL) {
      return decimal(element, value);
    }
    return switch (type) {
      case BOOLEAN -> constant(type, 0.0, 0L, element.flag("value"), null, false);
      case STRING -> constant(type, 0.0, 0L, false, value, false);
      default -> constant(type, 0.0, element.whole("value"), false, null, false);
    };
  }

  /** No value: each row fails for which it is evaluated, as by Spark's {@code raise_error}. */
  static Expression raised(Element element) {
    SparkType type = SparkType.of(element.require("type"));
    if (!type.isScalar()) {
      throw Expressions.unknown("raise " + type.text());
    }
    Expression none = constant(type, 0.0, 0L, false, null, true);
    String reason = "Spark raises the error '" + element.require("reason") + "'";
    return Expression.of(
        type,
        rows -> {
          for (int row = 0; row < rows.rows(); row++) {
            rows.fail(row, reason);
          }
          return none.evaluate(rows);
        });
  }

  private static Expression decimal(Element element, String text) {
    BigDecimal value = Decimals.constant(element, text);
    return Expression.of(
        SparkType.DECIMAL,
        rows -> {
          BigDecimal[] values = new BigDecimal[rows.rows()];
          Arrays.fill(values, value);
          return new DecimalColumn(values);
        });
  }

  private static Expression constant(
      SparkType type, double number, long whole, boolean flag, String text, boolean isNull) {
    return Expression.of(
        type,
        rows -> {
          int n = rows.rows();
          boolean[] nulls = null;
          if (isNull) {
            nulls = new boolean[n];
            Arrays.fill(nulls, true);
          }
          if (type == SparkType.STRING) {
            int[] codes = new int[n];
            Arrays.fill(codes, isNull ? -1 : 0);
            return new StringColumn(codes, isNull ? new String[0] : new String[] {text});
          }
          if (type == SparkType.DECIMAL) {
            return new DecimalColumn(new BigDecimal[n]);
          }
          if (type == SparkType.BOOLEAN) {
            boolean[] values = new boolean[n];
            Arrays.fill(values, flag);
            return new BooleanColumn(values, nulls);
          }
          if (type.isFloating()) {
            double[] values = new double[n];
            Arrays.fill(values, number);
            return new DoubleColumn(values, nulls);
          }
          long[] values = new long[n];
          Arrays.fill(values, whole);
          return new LongColumn(values, nulls);
        });
  }
}
