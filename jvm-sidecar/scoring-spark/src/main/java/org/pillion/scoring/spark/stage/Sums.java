package org.pillion.scoring.spark.stage;

/**
 * Sums in the order of Scala's collections: from the first element on, without a zero before it.
 */
final class Sums {
  private Sums() {}

  static double inOrder(double[] values, int start, int n) {
    if (n == 0) {
      return 0.0;
    }
    double sum = values[start];
    for (int i = 1; i < n; i++) {
      sum += values[start + i];
    }
    return sum;
  }

  /** Spark's way from counts to probabilities: quotients by the sum, unless it is zero. */
  static void normalize(double[] values, int start, int n) {
    double sum = inOrder(values, start, n);
    if (sum != 0) {
      for (int i = start; i < start + n; i++) {
        values[i] /= sum;
      }
    }
  }
}
