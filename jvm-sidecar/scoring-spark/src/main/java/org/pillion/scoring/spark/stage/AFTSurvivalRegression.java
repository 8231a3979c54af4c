package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Accelerated failure time: a scale of the Weibull distribution, and quantiles by it. */
final class AFTSurvivalRegression {
  private AFTSurvivalRegression() {}

  static void compile(Element model, PlanBuilder plan) {
    Dot dot = Dot.of(plan.blas(), model);
    double intercept = model.number("intercept");
    Slot features = plan.vectors(model.require("features"), dot.size());
    String name = model.attribute("prediction", "");
    String quantilesName = model.attribute("quantiles", "");
    List<Slot> sources = List.of(features);
    Slot prediction = name.isEmpty() ? null : plan.define(name, SparkType.DOUBLE, 0, sources);
    double[] factors = quantilesName.isEmpty() ? new double[0] : factors(model);
    Slot quantiles =
        quantilesName.isEmpty()
            ? null
            : plan.define(quantilesName, SparkType.VECTOR, factors.length, sources);
    plan.step(
        sources,
        PlanBuilder.slots(prediction, quantiles),
        frame -> {
          VectorColumn in = frame.vectors(features.id());
          double[] scales = scales(frame, in, features, dot, intercept);
          if (prediction != null) {
            frame.set(prediction.id(), new DoubleColumn(scales, in.nulls()));
          }
          if (quantiles != null) {
            frame.set(quantiles.id(), quantiles(in, scales, factors));
          }
        });
  }

  /** By which the scale is multiplied for each quantile. */
  private static double[] factors(Element model) {
    double scale = model.number("scale");
    double[] factors = model.doubles("probabilities");
    for (int i = 0; i < factors.length; i++) {
      factors[i] = Math.exp(Math.log(-Math.log1p(-factors[i])) * scale);
    }
    return factors;
  }

  private static double[] scales(
      Frame frame, VectorColumn in, Slot features, Dot dot, double intercept) {
    double[] scales = new double[frame.rows()];
    for (int row = 0; row < scales.length; row++) {
      if (Classifier.usable(frame, in, row, features)) {
        scales[row] = Math.exp(dot.product(in, row) + intercept);
      }
    }
    return scales;
  }

  private static VectorColumn quantiles(VectorColumn in, double[] scales, double[] factors) {
    int size = factors.length;
    double[] values = new double[Math.multiplyExact(scales.length, size)];
    for (int row = 0; row < scales.length; row++) {
      for (int i = 0; i < size; i++) {
        values[row * size + i] = factors[i] * scales[row];
      }
    }
    return VectorColumn.ofDense(scales.length, size, values, in.nulls());
  }
}
