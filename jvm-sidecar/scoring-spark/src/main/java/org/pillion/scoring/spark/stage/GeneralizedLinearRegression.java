package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.spark.column.DoubleColumn;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.Attribution;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** A linear predictor, and the mean that a link and a family make of it. */
final class GeneralizedLinearRegression {
  /**
   * What is made of linear predictors.
   *
   * @param mean the column of means, or null
   * @param eta the column of linear predictors, or null
   */
  private record Predictions(Slot mean, Slot eta, Link link, Family family) {
    void write(Frame frame, double[] etas, boolean[] nulls) {
      if (eta != null) {
        frame.set(eta.id(), new DoubleColumn(etas, nulls));
      }
      if (mean != null) {
        double[] means = new double[etas.length];
        for (int row = 0; row < means.length; row++) {
          means[row] = family.project(link.unlink(etas[row]));
        }
        frame.set(mean.id(), new DoubleColumn(means, nulls));
      }
    }
  }

  private GeneralizedLinearRegression() {}

  static void compile(Element model, PlanBuilder plan) {
    Dot dot = Dot.of(plan.blas(), model);
    double intercept = model.number("intercept");
    Link link = Link.of(model);
    Family family = Family.of(model);
    Slot features = plan.vectors(model.require("features"), dot.size());
    Slot offset = model.has("offset") ? plan.number(model.require("offset")) : null;
    List<Slot> sources = PlanBuilder.slots(features, offset);
    String name = model.attribute("prediction", "");
    String linkName = model.attribute("link-prediction", "");
    Slot mean = name.isEmpty() ? null : plan.define(name, SparkType.DOUBLE, 0, sources);
    Slot eta = linkName.isEmpty() ? null : plan.define(linkName, SparkType.DOUBLE, 0, sources);
    Predictions predictions = new Predictions(mean, eta, link, family);
    plan.step(
        sources,
        PlanBuilder.slots(mean, eta),
        frame -> {
          VectorColumn in = frame.vectors(features.id());
          DoubleColumn offsets = offset == null ? null : frame.doubles(offset.id());
          predictions.write(
              frame,
              etas(frame, in, features, dot, intercept, offsets),
              offsets == null ? in.nulls() : offsets.nulls());
        });
    LinearSum sum = offset == null ? LinearSum.of(plan, features, dot, intercept) : null;
    if (sum != null) {
      plan.shorten(sum.shortcut((frame, sums) -> predictions.write(frame, sums, null)));
    }
    for (Slot target : PlanBuilder.slots(mean, eta)) {
      if (offset != null) {
        plan.refuse(target, "has an offset, which is no term of a feature");
        continue;
      }
      plan.attribute(
          target,
          new Attribution(
              Explanation.Method.LINEAR,
              Explanation.Scale.LINEAR_PREDICTOR,
              features,
              LinearTerms.of(dot, intercept)));
    }
  }

  private static double[] etas(
      Frame frame,
      VectorColumn in,
      Slot features,
      Dot dot,
      double intercept,
      DoubleColumn offsets) {
    double[] etas = new double[frame.rows()];
    for (int row = 0; row < etas.length; row++) {
      // Spark's function of a null offset is null, whatever the features are.
      boolean isNull = offsets != null && offsets.isNull(row);
      if (!isNull && Classifier.usable(frame, in, row, features)) {
        // Spark adds the offset even where there is none.
        double added = offsets == null ? 0.0 : offsets.values()[row];
        etas[row] = dot.product(in, row) + intercept + added;
      }
    }
    return etas;
  }
}
