package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** An intercept, a dot product, and the products of all pairs of elements by their factors. */
final class FactorizationMachine implements Regressor.RowRule {
  private final double intercept;
  private final Dot linear;

  /** Factor by factor, one number an element. */
  private final double[][] factors;

  private FactorizationMachine(double intercept, Dot linear, double[][] factors) {
    this.intercept = intercept;
    this.linear = linear;
    this.factors = factors;
  }

  static FactorizationMachine of(Element model, PlanBuilder plan) {
    Dot linear = Dot.of(plan.blas(), model);
    double[][] factors =
        model.children("factor").stream().map(Element::doubles).toArray(double[][]::new);
    for (double[] factor : factors) {
      if (factor.length != linear.size()) {
        throw new InvalidModel("the plan's factorization machine has a factor of another size");
      }
    }
    return new FactorizationMachine(model.number("intercept"), linear, factors);
  }

  int size() {
    return linear.size();
  }

  @Override
  public double predict(VectorColumn features, int row) {
    double prediction = intercept + linear.product(features, row);
    for (double[] factor : factors) {
      double squares = 0.0;
      double sum = 0.0;
      for (int k = features.starts()[row]; k < features.starts()[row + 1]; k++) {
        double value = features.values()[k];
        if (value != 0.0) {
          double product = factor[VectorStage.index(features, row, k)] * value;
          squares += product * product;
          sum += product;
        }
      }
      prediction += 0.5 * (sum * sum - squares);
    }
    return prediction;
  }
}
