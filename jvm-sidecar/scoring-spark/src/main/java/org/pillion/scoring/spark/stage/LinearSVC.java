package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** The linear support vector machine, which has margins and no probabilities. */
final class LinearSVC {
  private LinearSVC() {}

  static void compile(Element model, PlanBuilder plan) {
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
}
