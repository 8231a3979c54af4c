package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** A piecewise linear function of one number, or of one element of a vector. */
final class IsotonicRegression {
  private final Slot features;
  private final Slot target;
  private final int element;
  private final double[] boundaries;
  private final double[] predictions;

  private IsotonicRegression(Slot features, Slot target, Element model) {
    this.features = features;
    this.target = target;
    this.element = model.count("element");
    this.boundaries = model.doubles("boundaries");
    this.predictions = model.doubles("predictions");
    if (boundaries.length != predictions.length || boundaries.length == 0) {
      throw new InvalidModel(
          "the plan's isotonic regression has %d boundaries and %d predictions"
              .formatted(boundaries.length, predictions.length));
    }
    for (int i = 1; i < boundaries.length; i++) {
      if (!(boundaries[i - 1] <= boundaries[i])) {
        throw new InvalidModel("the plan's isotonic regression has boundaries that do not ascend");
      }
    }
  }

  static void compile(Element model, PlanBuilder plan) {
    Slot named = plan.column(model.require("features"));
    Slot features = named.type() == SparkType.VECTOR ? named : plan.number(named);
    Slot target = plan.define(model.require("prediction"), SparkType.DOUBLE, 0, List.of(features));
    IsotonicRegression regression = new IsotonicRegression(features, target, model);
    if (features.type() == SparkType.VECTOR && regression.element >= features.size()) {
      throw new InvalidModel("the plan's isotonic regression is of an element that is not there");
    }
    plan.step(List.of(features), List.of(target), regression::run);
  }

  private void run(Frame frame) {
    double[] out = new double[frame.rows()];
    if (features.type() == SparkType.VECTOR) {
      VectorColumn in = frame.vectors(features.id());
      for (int row = 0; row < out.length; row++) {
        if (Classifier.usable(frame, in, row, features)) {
          out[row] = predict(in.element(row, element));
        }
      }
      frame.set(target.id(), new DoubleColumn(out, in.nulls()));
      return;
    }
    DoubleColumn in = frame.doubles(features.id());
    for (int row = 0; row < out.length; row++) {
      if (!in.isNull(row)) {
        out[row] = predict(in.values()[row]);
      }
    }
    frame.set(target.id(), new DoubleColumn(out, in.nulls()));
  }

  private double predict(double x) {
    int found = Arrays.binarySearch(boundaries, x);
    if (found >= 0) {
      return predictions[found];
    }
    int after = -found - 1;
    if (after == 0) {
      return predictions[0];
    }
    if (after == boundaries.length) {
      return predictions[after - 1];
    }
    double x1 = boundaries[after - 1];
    double y1 = predictions[after - 1];
    return y1 + (predictions[after] - y1) * (x - x1) / (boundaries[after] - x1);
  }
}
