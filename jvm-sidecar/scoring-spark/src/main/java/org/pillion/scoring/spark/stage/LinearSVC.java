package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** The linear support vector machine, which has margins and no probabilities. */
final class LinearSVC {
  private LinearSVC() {}

  static void compile(Element model, PlanBuilder plan) {
    double threshold = model.number("threshold");
    LinearMargin.add(
        model,
        plan,
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
  }
}
