package org.pillion.scoring.pmml.model;

import org.pillion.scoring.pmml.field.Frame;

/** Turns the values of all classes into probabilities, over the rows of a frame. */
final class Normalization {
  private Normalization() {}

  /** Divides by the sum; a sum of zero fails the row. */
  static void simplemax(double[][] byClass, Frame frame) {
    for (int row = 0; row < frame.rows(); row++) {
      divide(byClass, row, sum(byClass, row), frame);
    }
  }

  /** Subtracts the maximum, and divides the exponentials by their sum. */
  static void softmax(double[][] byClass, Frame frame) {
    for (int row = 0; row < frame.rows(); row++) {
      double max = byClass[0][row];
      for (double[] values : byClass) {
        if (Double.compare(max, values[row]) < 0) {
          max = values[row];
        }
      }
      for (double[] values : byClass) {
        values[row] = Math.exp(values[row] - max);
      }
      divide(byClass, row, sum(byClass, row), frame);
    }
  }

  private static double sum(double[][] byClass, int row) {
    double sum = byClass[0][row];
    for (int i = 1; i < byClass.length; i++) {
      sum += byClass[i][row];
    }
    return sum;
  }

  private static void divide(double[][] byClass, int row, double sum, Frame frame) {
    if (sum == 0d) {
      frame.failPrediction(row, "the probabilities of all classes are zero");
    } else if (sum != 1d) {
      for (double[] values : byClass) {
        values[row] /= sum;
      }
    }
  }
}
