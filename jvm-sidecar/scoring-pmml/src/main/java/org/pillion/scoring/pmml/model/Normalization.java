package org.pillion.scoring.pmml.model;

import org.pillion.scoring.pmml.field.Frame;
import org.pillion.scoring.pmml.field.MathContext;

/** Turns the values of all classes into probabilities, over the rows of a frame. */
final class Normalization {
  private Normalization() {}

  /** Divides by the sum; a sum of zero fails the row. */
  static void simplemax(double[][] byClass, Frame frame, MathContext math) {
    for (int row = 0; row < frame.rows(); row++) {
      divide(byClass, row, sum(byClass, row, math), frame, math);
    }
  }

  /** Subtracts the maximum, and divides the exponentials by their sum. */
  static void softmax(double[][] byClass, Frame frame, MathContext math) {
    for (int row = 0; row < frame.rows(); row++) {
      double max = byClass[0][row];
      for (double[] values : byClass) {
        if (Double.compare(max, values[row]) < 0) {
          max = values[row];
        }
      }
      for (double[] values : byClass) {
        values[row] = math.exp(math.round(values[row] - max));
      }
      divide(byClass, row, sum(byClass, row, math), frame, math);
    }
  }

  private static double sum(double[][] byClass, int row, MathContext math) {
    double sum = byClass[0][row];
    for (int i = 1; i < byClass.length; i++) {
      sum = math.round(sum + byClass[i][row]);
    }
    return sum;
  }

  private static void divide(
      double[][] byClass, int row, double sum, Frame frame, MathContext math) {
    if (sum == 0d) {
      frame.failPrediction(row, "the probabilities of all classes are zero");
    } else if (sum != 1d) {
      for (double[] values : byClass) {
        values[row] = math.round(values[row] / sum);
      }
    }
  }
}
