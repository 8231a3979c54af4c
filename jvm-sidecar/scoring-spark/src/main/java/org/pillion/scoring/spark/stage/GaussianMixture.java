package org.pillion.scoring.spark.stage;

import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.blas.Blas;
import org.pillion.scoring.spark.column.Frame;
import org.pillion.scoring.spark.column.LongColumn;
import org.pillion.scoring.spark.column.SparkType;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;
import org.pillion.scoring.spark.plan.Slot;

/** Shares of normal distributions in a point, and the number of the largest. */
final class GaussianMixture {
  /** What Spark adds to each weighted density. */
  private static final double EPSILON = Math.ulp(1.0);

  /**
   * A normal distribution.
   *
   * @param weight its share of all points
   * @param root the inverse root of its covariance
   * @param shift the root's product with the mean
   * @param log the logarithm of the density's factor
   */
  private record Gaussian(double weight, Matrix root, double[] shift, double log) {
    static Gaussian of(Blas blas, Element element) {
      Matrix root = Matrix.of(blas, element.requireChild("matrix"));
      double[] shift = element.doubles("shift");
      if (shift.length != root.rows() || root.rows() != root.columns()) {
        throw new InvalidModel("the plan's Gaussian has a mean of another size than its matrix");
      }
      return new Gaussian(element.number("weight"), root, shift, element.number("log"));
    }

    /** The weighted density at the point whose negative is a row's vector. */
    double density(Blas blas, VectorColumn negatives, int row, double[] room) {
      double[] v = shift.clone();
      root.addProduct(negatives, row, v, room);
      return EPSILON + weight * Math.exp(log - 0.5 * blas.dot(v.length, v, 0, v, 0));
    }
  }

  private final Blas blas;
  private final Gaussian[] gaussians;
  private final Slot features;
  private final Slot probability;
  private final Slot prediction;

  private GaussianMixture(Element model, PlanBuilder plan, Gaussian[] gaussians) {
    this.blas = plan.blas();
    this.gaussians = gaussians;
    this.features = plan.vectors(model.require("features"), gaussians[0].shift.length);
    String shares = model.attribute("probability", "");
    String name = model.attribute("prediction", "");
    List<Slot> sources = List.of(features);
    this.probability =
        shares.isEmpty() ? null : plan.define(shares, SparkType.VECTOR, gaussians.length, sources);
    this.prediction = name.isEmpty() ? null : plan.define(name, SparkType.INTEGER, 0, sources);
  }

  static void compile(Element model, PlanBuilder plan) {
    Gaussian[] gaussians =
        model.children("gaussian").stream()
            .map(element -> Gaussian.of(plan.blas(), element))
            .toArray(Gaussian[]::new);
    if (gaussians.length == 0) {
      throw new InvalidModel("the plan's Gaussian mixture has no Gaussian");
    }
    for (Gaussian gaussian : gaussians) {
      if (gaussian.shift.length != gaussians[0].shift.length) {
        throw new InvalidModel("the plan's Gaussians have different sizes");
      }
    }
    GaussianMixture mixture = new GaussianMixture(model, plan, gaussians);
    plan.step(
        List.of(mixture.features),
        PlanBuilder.slots(mixture.probability, mixture.prediction),
        mixture::run);
  }

  private void run(Frame frame) {
    VectorColumn in = frame.vectors(features.id());
    double[] opposite = new double[in.values().length];
    for (int k = 0; k < opposite.length; k++) {
      opposite[k] = -in.values()[k];
    }
    VectorColumn negatives =
        new VectorColumn(in.size(), in.dense(), in.starts(), in.indices(), opposite, in.nulls());
    int n = gaussians.length;
    double[] shares = new double[Math.multiplyExact(frame.rows(), n)];
    long[] labels = new long[frame.rows()];
    double[] room = new double[in.size()];
    for (int row = 0; row < labels.length; row++) {
      if (!Classifier.usable(frame, in, row, features)) {
        continue;
      }
      double sum = 0.0;
      for (int i = 0; i < n; i++) {
        double density = gaussians[i].density(blas, negatives, row, room);
        shares[row * n + i] = density;
        sum += density;
      }
      for (int i = 0; i < n; i++) {
        shares[row * n + i] /= sum;
      }
      labels[row] = Classifier.argmax(shares, row * n, n);
    }
    if (probability != null) {
      frame.set(probability.id(), VectorColumn.ofDense(labels.length, n, shares, in.nulls()));
    }
    if (prediction != null) {
      frame.set(prediction.id(), new LongColumn(labels, in.nulls()));
    }
  }
}
