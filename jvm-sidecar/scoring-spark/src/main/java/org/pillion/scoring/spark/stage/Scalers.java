package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.VectorBuilder;
import org.pillion.scoring.spark.column.Vectors;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Session;
import org.pillion.scoring.spark.plan.Slot;

/** Spark's scalers of vectors. */
final class Scalers {
  private Scalers() {}

  /** Shifts and scales; only a shift makes a sparse vector dense. */
  static void standard(Element stage, PlanBuilder plan) {
    double[] shift = stage.hasChild("shift") ? stage.doubles("shift") : null;
    double[] scale = stage.hasChild("scale") ? stage.doubles("scale") : null;
    Slot source = plan.vectors(stage.require("in"));
    requireLength(stage, source, shift);
    requireLength(stage, source, scale);
    VectorStage.addElementwise(
        stage,
        plan,
        source,
        (in, row, out) -> {
          if (shift == null) {
            scaleStored(in, row, out, scale);
            VectorStage.endAlike(in, row, out);
          } else {
            double[] x = new double[source.size()];
            in.copyRow(row, x);
            for (int i = 0; i < x.length; i++) {
              double shifted = x[i] - shift[i];
              out.add(i, scale == null ? shifted : shifted * scale[i]);
            }
            out.endDense();
          }
          return null;
        });
  }

  private static void scaleStored(Vectors in, int row, VectorBuilder out, double[] scale) {
    for (int k = in.starts()[row]; k < in.starts()[row + 1]; k++) {
      int index = VectorStage.index(in, row, k);
      out.add(index, scale == null ? in.values()[k] : in.values()[k] * scale[index]);
    }
  }

  /** Brings each element into a range; one that was constant in training to its middle. */
  static void minMax(Element stage, PlanBuilder plan) {
    double[] low = stage.doubles("low");
    double[] high = stage.doubles("high");
    double min = stage.number("min");
    double max = stage.number("max");
    Slot source = plan.vectors(stage.require("in"));
    requireLength(stage, source, low);
    requireLength(stage, source, high);
    double[] scale = new double[low.length];
    for (int i = 0; i < scale.length; i++) {
      double range = high[i] - low[i];
      scale[i] = range != 0.0 ? (max - min) / range : 0.0;
    }
    double middle = (min + max) / 2;
    Session session = plan.session();
    VectorStage.addElementwise(
        stage,
        plan,
        source,
        (in, row, out) -> {
          double[] x = new double[scale.length];
          in.copyRow(row, x);
          for (int i = 0; i < x.length; i++) {
            if (!Double.isNaN(x[i])) {
              x[i] = scale[i] != 0.0 ? (x[i] - low[i]) * scale[i] + min : middle;
            }
            out.add(i, x[i]);
          }
          Compression.end(out, session, x.length);
          return null;
        });
  }

  private static void requireLength(Element stage, Slot source, double[] values) {
    if (values != null && values.length != source.size()) {
      throw new InvalidModel(
          "the plan's %s has %d values for vectors of length %d"
              .formatted(stage.name(), values.length, source.size()));
    }
  }
}
