package org.pillion.scoring.spark.stage;

import java.util.Arrays;
import org.pillion.pmml.Element;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.spark.blas.Blas;
import org.pillion.scoring.spark.column.VectorColumn;
import org.pillion.scoring.spark.plan.PlanBuilder;

/** A multilayer perceptron: sigmoid layers, and a softmax that divides by the sum. */
final class MultilayerPerceptronClassifier {
  private final Blas blas;
  private final int[] layers;
  private final double[] weights;

  private MultilayerPerceptronClassifier(Blas blas, int[] layers, double[] weights) {
    this.blas = blas;
    this.layers = layers;
    this.weights = weights;
  }

  static void compile(Element model, PlanBuilder plan) {
    int[] layers = model.ints("layers");
    double[] weights = model.doubles("weights");
    long expected = 0;
    for (int i = 1; i < layers.length; i++) {
      expected += (long) (layers[i - 1] + 1) * layers[i];
    }
    boolean positive = Arrays.stream(layers).allMatch(width -> width > 0);
    if (layers.length < 2 || !positive || weights.length != expected) {
      throw new InvalidModel("the plan's perceptron has other weights than layers");
    }
    MultilayerPerceptronClassifier perceptron =
        new MultilayerPerceptronClassifier(plan.blas(), layers, weights);
    int classes = layers[layers.length - 1];
    Classifier.Probability softmax = MultilayerPerceptronClassifier::softmax;
    Classifier.add(
        model,
        plan,
        classes,
        layers[0],
        perceptron::write,
        softmax,
        Classifier.label(model, classes, softmax));
  }

  private void write(VectorColumn features, int row, double[] out, int start) {
    double[] in = new double[layers[0]];
    features.copyRow(row, in);
    int at = 0;
    for (int layer = 1; layer < layers.length; layer++) {
      int width = layers[layer];
      int bias = at + in.length * width;
      double[] next = new double[width];
      for (int i = 0; i < width; i++) {
        double sum = blas.rowDot(in.length, weights, at + i, width, in) + weights[bias + i];
        next[i] = layer == layers.length - 1 ? sum : 1.0 / (1.0 + Math.exp(-sum));
      }
      at = bias + width;
      in = next;
    }
    System.arraycopy(in, 0, out, start, in.length);
  }

  private static void softmax(double[] values, int start, int n) {
    double max = -Double.MAX_VALUE;
    for (int i = start; i < start + n; i++) {
      if (values[i] > max) {
        max = values[i];
      }
    }
    double sum = 0.0;
    for (int i = start; i < start + n; i++) {
      values[i] = Math.exp(values[i] - max);
      sum += values[i];
    }
    for (int i = start; i < start + n; i++) {
      values[i] /= sum;
    }
  }
}
