package org.pillion.scoring.spark.column;

import java.util.Arrays;

/**
 * Whole numbers.
 *
 * @param values length: rows
 * @param nulls the mask of null values, or null when there are none
 */
public record LongColumn(long[] values, boolean[] nulls) implements Values {
  @Override
  public LongColumn repeat(int rows) {
    long[] all = new long[rows];
    Arrays.fill(all, values[0]);
    return new LongColumn(all, Masks.repeat(nulls, rows));
  }
}
