package org.pillion.scoring.spark.expression;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DecimalColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.StringColumn;
import org.pillion.scoring.spark.column.Values;

/** Comparisons in Spark's order: −0.0 equals 0.0, NaN equals NaN and is above all other numbers. */
final class Comparison {
  private Comparison() {}

  static Expression of(String name, Expression left, Expression right) {
    boolean nullSafe = name.equals("equalNullSafe");
    return Expression.of(
        SparkType.BOOLEAN,
        rows -> {
          Values a = left.evaluate(rows);
          Values b = right.evaluate(rows);
          boolean[] leftNulls = a.nulls();
          boolean[] rightNulls = b.nulls();
          boolean[] nulls = Nulls.either(leftNulls, rightNulls);
          boolean[] out = new boolean[rows.rows()];
          for (int row = 0; row < out.length; row++) {
            if (!Nulls.at(nulls, row)) {
              out[row] = holds(name, compare(a, b, row));
            } else if (nullSafe) {
              out[row] = Nulls.at(leftNulls, row) && Nulls.at(rightNulls, row);
            }
          }
          return new BooleanColumn(out, nullSafe ? null : nulls);
        });
  }

  private static boolean holds(String name, int order) {
    return switch (name) {
      case "equal", "equalNullSafe" -> order == 0;
      case "less" -> order < 0;
      case "lessOrEqual" -> order <= 0;
      case "greater" -> order > 0;
      case "greaterOrEqual" -> order >= 0;
      default -> throw Expressions.unknown(name);
    };
  }

  /** The order of two values of one type, neither of which is null. */
  static int compare(Values a, Values b, int row) {
    if (a instanceof DoubleColumn x && b instanceof DoubleColumn y) {
      return compare(x.values()[row], y.values()[row]);
    }
    if (a instanceof LongColumn x && b instanceof LongColumn y) {
      return Long.compare(x.values()[row], y.values()[row]);
    }
    if (a instanceof DecimalColumn x && b instanceof DecimalColumn y) {
      return x.values()[row].compareTo(y.values()[row]);
    }
    if (a instanceof BooleanColumn x && b instanceof BooleanColumn y) {
      return Boolean.compare(x.values()[row], y.values()[row]);
    }
    return compare(((StringColumn) a).text(row), ((StringColumn) b).text(row));
  }

  private static int compare(double x, double y) {
    return x == y ? 0 : Double.compare(x, y);
  }

  /** By UTF-8 bytes, unsigned. */
  private static int compare(String x, String y) {
    if (x.equals(y)) {
      return 0;
    }
    return Arrays.compareUnsigned(
        x.getBytes(StandardCharsets.UTF_8), y.getBytes(StandardCharsets.UTF_8));
  }
}
