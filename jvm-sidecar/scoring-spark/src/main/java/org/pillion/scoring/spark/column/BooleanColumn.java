package org.pillion.scoring.spark.column;

import java.util.Arrays;

/**
 * Truth values.
 *
 * @param values length: rows
 * @param nulls the mask of null values, or null when there are none
 */
public record BooleanColumn(boolean[] values, boolean[] nulls) implements Values {
  @Override
  public BooleanColumn repeat(int rows) {
    boolean[] all = new boolean[rows];
    Arrays.fill(all, values[0]);
    return new BooleanColumn(all, Masks.repeat(nulls, rows));
  }
}
