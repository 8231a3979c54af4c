package org.pillion.scoring.spark.booster;

/** What a boosted model adds to the base of its margins. */
public interface FloatMargins {
  /**
   * Adds it for several rows.
   *
   * @param x features row by row; NaN is missing
   * @param rows number of rows
   * @param margins row by row, one a group of trees; holds the base
   */
  void add(float[] x, int rows, float[] margins);
}
