package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Values;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Replaces null and one more value, compared as Spark SQL does, where NaN equals NaN. */
final class Imputer {
  private Imputer() {}

  static void compile(Element stage, PlanBuilder plan) {
    double missing = stage.number("missing");
    for (Element column : stage.children("column")) {
      Slot named = plan.column(column.require("in"));
      if (!named.type().isFloating() && !named.type().isWhole()) {
        throw new InvalidModel(
            "the plan's imputer takes the column '%s' of type %s"
                .formatted(named.name(), named.type().text()));
      }
      Slot source = plan.number(named);
      Slot target = plan.define(column.require("out"), named.type(), 0, List.of(source));
      double surrogate = column.number("surrogate");
      plan.step(
          List.of(source),
          List.of(target),
          frame -> frame.set(target.id(), run(frame, source, target.type(), missing, surrogate)));
    }
  }

  private static Values run(
      Frame frame, Slot source, SparkType type, double missing, double surrogate) {
    DoubleColumn in = frame.doubles(source.id());
    double[] values = in.values();
    double[] out = new double[values.length];
    boolean missingIsNan = Double.isNaN(missing);
    for (int row = 0; row < out.length; row++) {
      double value = values[row];
      boolean replaced = in.isNull(row) || value == missing || missingIsNan && Double.isNaN(value);
      out[row] = replaced ? surrogate : value;
    }
    if (type.isWhole()) {
      long[] wholes = new long[out.length];
      for (int row = 0; row < out.length; row++) {
        wholes[row] = (long) out[row];
      }
      return new LongColumn(wholes, null);
    }
    if (type == SparkType.FLOAT) {
      for (int row = 0; row < out.length; row++) {
        out[row] = (float) out[row];
      }
    }
    return new DoubleColumn(out, null);
  }
}
