package org.pillion.scoring.spark.stage;

/** Spark's softmax: the largest is subtracted first, and the sum's reciprocal multiplied last. */
final class Softmax {
  private Softmax() {}

  /** Replaces the numbers at {@code start} to {@code start + n}, exclusive. */
  static void apply(double[] values, int start, int n) {
    double max = -Double.MAX_VALUE;
    int end = start + n;
    for (int i = start; i < end; i++) {
      double value = values[i];
      if (value == Double.POSITIVE_INFINITY) {
        scale(values, start, end, 0.0);
        values[i] = 1.0;
        return;
      }
      if (value > max) {
        max = value;
      }
    }
    double sum = 0.0;
    for (int i = start; i < end; i++) {
      double e = Math.exp(values[i] - max);
      values[i] = e;
      sum += e;
    }
    scale(values, start, end, 1.0 / sum);
  }

  private static void scale(double[] values, int start, int end, double factor) {
    for (int i = start; i < end; i++) {
      values[i] *= factor;
    }
  }
}
