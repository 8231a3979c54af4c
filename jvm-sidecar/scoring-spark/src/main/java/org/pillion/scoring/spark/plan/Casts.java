package org.pillion.scoring.spark.plan;

import java.util.List;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.BooleanColumn;
import org.pillion.scoring.spark.column.DecimalColumn;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;

/** Spark's casts of numbers and truth values to double, which are exact or rounded to nearest. */
final class Casts {
  private Casts() {}

  static Slot toDouble(PlanBuilder plan, Slot source) {
    SparkType type = source.type();
    boolean isNumber =
        type.isFloating()
            || type.isWhole()
            || type == SparkType.DECIMAL
            || type == SparkType.BOOLEAN;
    if (!isNumber) {
      throw new InvalidModel(
          "the plan's column '%s' is of type %s, not a number"
              .formatted(source.name(), type.text()));
    }
    Slot target = plan.temporary(SparkType.DOUBLE, List.of(source));
    plan.origins(target, element -> plan.origin(source, element));
    plan.step(
        List.of(source),
        List.of(target),
        frame -> frame.set(target.id(), toDouble(frame.get(source.id()))));
    return target;
  }

  private static DoubleColumn toDouble(Values values) {
    if (values instanceof DoubleColumn numbers) {
      return numbers;
    }
    if (values instanceof LongColumn wholes) {
      double[] out = new double[wholes.values().length];
      for (int row = 0; row < out.length; row++) {
        out[row] = wholes.values()[row];
      }
      return new DoubleColumn(out, wholes.nulls());
    }
    if (values instanceof DecimalColumn decimals) {
      double[] out = new double[decimals.values().length];
      for (int row = 0; row < out.length; row++) {
        out[row] = decimals.isNull(row) ? 0.0 : decimals.values()[row].doubleValue();
      }
      return new DoubleColumn(out, decimals.nulls());
    }
    BooleanColumn flags = (BooleanColumn) values;
    double[] out = new double[flags.values().length];
    for (int row = 0; row < out.length; row++) {
      out[row] = flags.values()[row] ? 1.0 : 0.0;
    }
    return new DoubleColumn(out, flags.nulls());
  }
}
