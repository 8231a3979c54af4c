package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** Two classes by a factorization machine's number and its negative. */
final class FMClassifier {
  private FMClassifier() {}

  static void compile(Element model, PlanBuilder plan) {
    FactorizationMachine machine = FactorizationMachine.of(model, plan);
    Classifier.Probability logistic = FMClassifier::logistic;
    Classifier.add(
        model,
        plan,
        2,
        machine.size(),
        (features, row, out, start) -> {
          double margin = machine.predict(features, row);
          out[start] = -margin;
          out[start + 1] = margin;
        },
        logistic,
        Classifier.label(model, 2, logistic));
  }

  /** The positive class by the logistic function, the negative one as its complement. */
  private static void logistic(double[] values, int start, int n) {
    double positive = 1.0 / (1.0 + Math.exp(-values[start + 1]));
    values[start + 1] = positive;
    values[start] = 1.0 - positive;
  }
}
