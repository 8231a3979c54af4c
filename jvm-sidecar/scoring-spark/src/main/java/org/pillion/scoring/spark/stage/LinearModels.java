package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.Numbers;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.Vectors;
import org.pillion.scoring.spark.plan.Attribution;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Linear regression, the linear support vector machine, and generalised linear models. */
final class LinearModels {
  private LinearModels() {}

  static void regression(Element model, PlanBuilder plan) {
    Dot dot = Dot.of(plan.blas(), model);
    double intercept = model.number("intercept");
    Regressor.RowRule sum = (features, row) -> dot.product(features, row) + intercept;
    Regressor.addSplit(
        model,
        plan,
        dot.size(),
        sum.ofRows(),
        Explanation.Method.LINEAR,
        LinearTerms.of(dot, intercept));
  }

  static void supportVectors(Element model, PlanBuilder plan) {
    Dot dot = Dot.of(plan.blas(), model);
    double intercept = model.number("intercept");
    double threshold = model.number("threshold");
    Classifier margins =
        Classifier.add(
            model,
            plan,
            2,
            dot.size(),
            (features, row, out, start) -> {
              double margin = dot.product(features, row) + intercept;
              out[start] = -margin;
              out[start + 1] = margin;
            },
            null,
            new Classifier.Label() {
              @Override
              public double ofRaw(double[] raw, int start, int n) {
                return raw[start + 1] > threshold ? 1.0 : 0.0;
              }

              @Override
              public double ofProbability(double[] probability, int start, int n) {
                throw new UnsupportedElement("probability", "a support vector machine has none");
              }
            });
    margins.attribute(
        plan,
        Explanation.Method.LINEAR,
        Explanation.Scale.MARGIN,
        LinearTerms.ofTwoClasses(dot, intercept));
  }

  static void generalized(Element model, PlanBuilder plan) {
    Dot dot = Dot.of(plan.blas(), model);
    double intercept = model.number("intercept");
    Link link = Link.of(model);
    Family family = Family.of(model);
    Slot features = plan.vectors(model.require("features"), dot.size());
    String name = model.attribute("prediction", "");
    String linkName = model.attribute("link-prediction", "");
    Slot mean = name.isEmpty() ? null : plan.define(name, SparkType.DOUBLE, 0, List.of(features));
    Slot eta =
        linkName.isEmpty() ? null : plan.define(linkName, SparkType.DOUBLE, 0, List.of(features));
    plan.step(
        List.of(features),
        PlanBuilder.slots(mean, eta),
        frame -> {
          Vectors in = frame.vectors(features.id());
          double[] etas = etas(frame, in, features, dot, intercept);
          if (eta != null) {
            frame.set(eta.id(), new Numbers(etas, in.nulls()));
          }
          if (mean != null) {
            double[] means = new double[etas.length];
            for (int row = 0; row < means.length; row++) {
              means[row] = family.project(link.unlink(etas[row]));
            }
            frame.set(mean.id(), new Numbers(means, in.nulls()));
          }
        });
    for (Slot target : PlanBuilder.slots(mean, eta)) {
      plan.attribute(
          target,
          new Attribution(
              Explanation.Method.LINEAR,
              Explanation.Scale.LINEAR_PREDICTOR,
              features,
              LinearTerms.of(dot, intercept)));
    }
  }

  private static double[] etas(Frame frame, Vectors in, Slot features, Dot dot, double intercept) {
    double[] etas = new double[frame.rows()];
    for (int row = 0; row < etas.length; row++) {
      if (Classifier.usable(frame, in, row, features)) {
        // Spark adds the offset even where there is none.
        etas[row] = dot.product(in, row) + intercept + 0.0;
      }
    }
    return etas;
  }
}
