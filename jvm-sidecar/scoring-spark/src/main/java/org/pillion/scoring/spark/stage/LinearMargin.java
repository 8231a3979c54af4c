package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.spark.plan.PlanBuilder;

/**
 * Two classes told apart by a dot product and an intercept: the second's margin, and its negative.
 */
final class LinearMargin {
  private LinearMargin() {}

  /**
   * Adds a classifier's kernel, and how its margin is split.
   *
   * @param probability null where the model has no probabilities
   */
  static void add(
      Element model, PlanBuilder plan, Classifier.Probability probability, Classifier.Label label) {
    Dot dot = Dot.of(plan.blas(), model);
    double intercept = model.number("intercept");
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
            probability,
            label)
        .attribute(
            plan,
            Explanation.Method.LINEAR,
            Explanation.Scale.MARGIN,
            LinearTerms.ofTwoClasses(dot, intercept));
  }
}
