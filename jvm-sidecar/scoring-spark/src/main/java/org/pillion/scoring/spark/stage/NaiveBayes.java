package org.pillion.scoring.spark.stage;

import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** Multinomial naive Bayes; Spark throws on elements that are negative or NaN. */
final class NaiveBayes {
  private NaiveBayes() {}

  static void compile(Element model, PlanBuilder plan) {
    Matrix theta = Matrix.of(plan.blas(), model.requireChild("matrix"));
    double[] priors = model.doubles("priors");
    int classes = theta.rows();
    if (priors.length != classes || classes == 0) {
      throw new InvalidModel("the plan's naive Bayes has other priors than classes");
    }
    Classifier.Probability softmax = Softmax::apply;
    Classifier.addBatched(
        model,
        plan,
        classes,
        theta.columns(),
        new Raw(theta, priors),
        softmax,
        Classifier.label(model, classes, softmax));
  }

  private record Raw(Matrix theta, double[] priors) implements Classifier.Raw {
    @Override
    public void write(VectorColumn features, int[] rows, int count, double[] out) {
      theta.affine(features, rows, count, priors, out);
    }

    @Override
    public String refusal(VectorColumn features, int row) {
      for (int k = features.starts()[row]; k < features.starts()[row + 1]; k++) {
        double value = features.values()[k];
        if (value < 0.0 || Double.isNaN(value)) {
          return "naive Bayes takes no element that is negative or NaN";
        }
      }
      return null;
    }
  }
}
