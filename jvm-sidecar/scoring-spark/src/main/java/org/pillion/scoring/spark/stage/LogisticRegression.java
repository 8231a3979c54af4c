package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.Explanation;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** Spark's logistic regression, binomial and multinomial. */
final class LogisticRegression {
  private LogisticRegression() {}

  static void compile(Element model, PlanBuilder plan) {
    if (model.hasChild("matrix")) {
      multinomial(model, plan);
    } else {
      binomial(model, plan);
    }
  }

  private static void binomial(Element model, PlanBuilder plan) {
    double threshold = model.number("threshold");
    double rawThreshold =
        threshold == 0.0
            ? Double.NEGATIVE_INFINITY
            : threshold == 1.0 ? Double.POSITIVE_INFINITY : Math.log(threshold / (1.0 - threshold));
    LinearMargin.add(
        model,
        plan,
        LogisticRegression::logistic,
        new Classifier.Label() {
          @Override
          public double ofRaw(double[] raw, int start, int n) {
            return raw[start + 1] > rawThreshold ? 1.0 : 0.0;
          }

          @Override
          public double ofProbability(double[] probability, int start, int n) {
            return probability[start + 1] > threshold ? 1.0 : 0.0;
          }
        });
  }

  /** The negative class by the logistic function, the positive one as its complement. */
  private static void logistic(double[] values, int start, int n) {
    double negative = 1.0 / (1.0 + Math.exp(-values[start]));
    values[start] = negative;
    values[start + 1] = 1.0 - negative;
  }

  private static void multinomial(Element model, PlanBuilder plan) {
    Matrix matrix = Matrix.of(plan.blas(), model.requireChild("matrix"));
    double[] intercepts = model.doubles("intercepts");
    int classes = matrix.rows();
    if (intercepts.length != classes || classes == 0) {
      throw new InvalidModel("the plan's logistic regression has other intercepts than classes");
    }
    Classifier.Probability softmax = Softmax::apply;
    Classifier added =
        Classifier.addBatched(
            model,
            plan,
            classes,
            matrix.columns(),
            (features, rows, count, out) -> matrix.affine(features, rows, count, intercepts, out),
            softmax,
            Classifier.label(model, classes, softmax));
    added.attribute(
        plan,
        Explanation.Method.LINEAR,
        Explanation.Scale.MARGIN,
        LinearTerms.ofClasses(matrix, intercepts));
  }
}
