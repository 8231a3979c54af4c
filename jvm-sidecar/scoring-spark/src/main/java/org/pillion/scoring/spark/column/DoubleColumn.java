package org.pillion.scoring.spark.column;

import java.util.Arrays;

/**
 * Floating-point numbers; those of Spark's float type are widened.
 *
 * @param values length: rows
 * @param nulls the mask of null values, or null when there are none
 */
public record DoubleColumn(double[] values, boolean[] nulls) implements Values {
  @Override
  public DoubleColumn repeat(int rows) {
    double[] all = new double[rows];
    Arrays.fill(all, values[0]);
    return new DoubleColumn(all, Masks.repeat(nulls, rows));
  }
}
