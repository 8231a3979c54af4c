package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** A factorization machine's number. */
final class FMRegressor {
  private FMRegressor() {}

  static void compile(Element model, PlanBuilder plan) {
    FactorizationMachine machine = FactorizationMachine.of(model, plan);
    Regressor.add(model, plan, machine.size(), machine.ofRows());
  }
}
