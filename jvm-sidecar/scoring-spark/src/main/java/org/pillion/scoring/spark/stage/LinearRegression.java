package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** A dot product and an intercept. */
final class LinearRegression {
  private LinearRegression() {}

  static void compile(Element model, PlanBuilder plan) {
    Dot dot = Dot.of(plan.blas(), model);
    double intercept = model.number("intercept");
    Regressor.RowRule sum = (features, row) -> dot.product(features, row) + intercept;
    Regressor.addSplit(
        model,
        plan,
        dot.size(),
        sum.ofRows(),
        LinearSum.of(plan, plan.vectors(model.require("features"), dot.size()), dot, intercept),
        Explanation.Method.LINEAR,
        LinearTerms.of(dot, intercept));
  }
}
