package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** Naive Bayes of four kinds of features; Spark throws on elements that its kind does not allow. */
final class NaiveBayes {
  private NaiveBayes() {}

  static void compile(Element model, PlanBuilder plan) {
    String kind = model.attribute("type", "multinomial");
    Matrix theta = Matrix.of(plan.blas(), model.requireChild("matrix"));
    double[] priors = model.doubles("priors");
    int classes = theta.rows();
    if (priors.length != classes || classes == 0) {
      throw new InvalidModel("the plan's naive Bayes has other priors than classes");
    }
    Classifier.Raw raw =
        switch (kind) {
          case "multinomial" -> new Counts(theta, priors);
          case "complement" -> new Complement(theta);
          case "bernoulli" -> bernoulli(theta, priors);
          case "gaussian" -> gaussian(theta, priors, model.doubles("variances"));
          default -> throw new InvalidModel("the plan's naive Bayes is of the type " + kind);
        };
    Classifier.Probability softmax = Softmax::apply;
    Classifier.addBatched(
        model,
        plan,
        classes,
        theta.columns(),
        raw,
        softmax,
        Classifier.label(model, classes, softmax));
  }

  /** Multinomial: priors and a product. */
  private record Counts(Matrix theta, double[] priors) implements Classifier.Raw {
    @Override
    public void write(VectorColumn features, int[] rows, int count, double[] out) {
      theta.affine(features, rows, count, priors, out);
    }

    @Override
    public String refusal(VectorColumn features, int row) {
      return refusalOfCounts(features, row);
    }
  }

  private static String refusalOfCounts(VectorColumn features, int row) {
    for (int k = features.starts()[row]; k < features.starts()[row + 1]; k++) {
      double value = features.values()[k];
      if (value < 0.0 || Double.isNaN(value)) {
        return "naive Bayes takes no element that is negative or NaN";
      }
    }
    return null;
  }

  /** Complement: a product, less the logarithm of the sum of its exponentials. */
  private record Complement(Matrix theta) implements Classifier.Raw {
    @Override
    public void write(VectorColumn features, int[] rows, int count, double[] out) {
      int classes = theta.rows();
      theta.affine(features, rows, count, new double[classes], out);
      for (int i = 0; i < count; i++) {
        subtractLogOfSum(out, rows[i] * classes, classes);
      }
    }

    private static void subtractLogOfSum(double[] values, int start, int n) {
      double max = values[start];
      for (int i = 1; i < n; i++) {
        // Scala's order of doubles has NaN above all, and −0.0 below 0.0.
        max = Double.compare(max, values[start + i]) >= 0 ? max : values[start + i];
      }
      double sum = 0.0;
      for (int i = 0; i < n; i++) {
        sum += Math.exp(values[start + i] - max);
      }
      double log = Math.log(sum) + max;
      for (int i = 0; i < n; i++) {
        values[start + i] -= log;
      }
    }

    @Override
    public String refusal(VectorColumn features, int row) {
      return refusalOfCounts(features, row);
    }
  }

  /** Zeros and ones: what a one adds to the sum of what all zeros add. */
  private static Classifier.Raw bernoulli(Matrix theta, double[] priors) {
    Matrix ones = theta.map(value -> value - Math.log1p(-Math.exp(value)));
    Matrix zeros = theta.map(value -> Math.log1p(-Math.exp(value)));
    double[] full = new double[theta.columns()];
    Arrays.fill(full, 1.0);
    double[] none = priors.clone();
    zeros.addProduct(
        VectorColumn.ofDense(1, full.length, full, null), 0, none, new double[none.length]);
    return new Classifier.Raw() {
      @Override
      public void write(VectorColumn features, int[] rows, int count, double[] out) {
        ones.affine(features, rows, count, none, out);
      }

      @Override
      public String refusal(VectorColumn features, int row) {
        for (int k = features.starts()[row]; k < features.starts()[row + 1]; k++) {
          double value = features.values()[k];
          if (value != 0.0 && value != 1.0) {
            return "Bernoulli naive Bayes takes zeros and ones only";
          }
        }
        return null;
      }
    };
  }

  /**
   * Numbers: squares of the differences from means over variances.
   *
   * @param variances row by row
   */
  private static Classifier.Raw gaussian(Matrix theta, double[] priors, double[] variances) {
    int classes = theta.rows();
    int size = theta.columns();
    if (variances.length != Math.multiplyExact(classes, size)) {
      throw new InvalidModel("the plan's naive Bayes has other variances than means");
    }
    double[] means = theta.byRow();
    double[] logs = new double[classes];
    for (int i = 0; i < classes; i++) {
      for (int j = 0; j < size; j++) {
        logs[i] += Math.log(variances[i * size + j]);
      }
    }
    return (features, rows, count, out) -> {
      double[] x = new double[size];
      for (int r = 0; r < count; r++) {
        features.copyRow(rows[r], x);
        for (int i = 0; i < classes; i++) {
          double sum = 0.0;
          for (int j = 0; j < size; j++) {
            double difference = x[j] - means[i * size + j];
            sum += difference * difference / variances[i * size + j];
          }
          out[rows[r] * classes + i] = priors[i] - (sum + logs[i]) / 2.0;
        }
      }
    };
  }
}
