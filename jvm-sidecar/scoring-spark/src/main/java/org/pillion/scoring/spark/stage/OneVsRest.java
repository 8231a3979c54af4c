package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** The class whose own classifier has the largest raw prediction of its second class. */
final class OneVsRest {
  private OneVsRest() {}

  static void compile(Element model, PlanBuilder plan) {
    List<Slot> sources =
        model.children("column").stream()
            .map(column -> plan.vectors(column.require("in")))
            .toList();
    if (sources.isEmpty() || sources.stream().anyMatch(slot -> slot.size() < 2)) {
      throw new InvalidModel("the plan's oneVsRest has no classifiers of two classes");
    }
    String rawName = model.attribute("raw", "");
    String name = model.attribute("prediction", "");
    boolean startsWithFirst = model.flag("starts-with-first", false);
    Slot raw =
        rawName.isEmpty() ? null : plan.define(rawName, SparkType.VECTOR, sources.size(), sources);
    Slot prediction = name.isEmpty() ? null : plan.define(name, SparkType.DOUBLE, 0, sources);
    plan.step(
        sources,
        PlanBuilder.slots(raw, prediction),
        frame -> run(frame, sources, raw, prediction, startsWithFirst));
  }

  private static void run(
      Frame frame, List<Slot> sources, Slot raw, Slot prediction, boolean startsWithFirst) {
    int classes = sources.size();
    double[] scores = new double[Math.multiplyExact(frame.rows(), classes)];
    for (int i = 0; i < classes; i++) {
      VectorColumn in = frame.vectors(sources.get(i).id());
      for (int row = 0; row < frame.rows(); row++) {
        if (!frame.failed(row)) {
          scores[row * classes + i] = in.element(row, 1);
        }
      }
    }
    if (raw != null) {
      frame.set(raw.id(), VectorColumn.ofDense(frame.rows(), classes, scores, null));
    }
    if (prediction != null) {
      double[] labels = new double[frame.rows()];
      for (int row = 0; row < labels.length; row++) {
        labels[row] = largest(scores, row * classes, classes, startsWithFirst);
      }
      frame.set(prediction.id(), new DoubleColumn(labels, null));
    }
  }

  /**
   * The first of the largest numbers; −1 where there is none above −∞, as where all are NaN. With a
   * start at the first one that one stays where it is NaN, and there is always one.
   */
  private static int largest(double[] values, int start, int n, boolean startsWithFirst) {
    int best = startsWithFirst ? 0 : -1;
    double max = startsWithFirst ? values[start] : Double.NEGATIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      if (values[start + i] > max) {
        max = values[start + i];
        best = i;
      }
    }
    return best;
  }
}
