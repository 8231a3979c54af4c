package org.pillion.scoring.spark.plan;

import java.util.BitSet;

/**
 * Where an element of a column comes from.
 *
 * @param column what its value was called before it went into vectors; empty where it had no name
 * @param inputs the inputs that it is made of, as ascending positions in the contract
 */
public record Origin(String column, int[] inputs) {
  /** An element of a column that is made of elements of others, taken together. */
  public static Origin joint(String column, Origin... parts) {
    BitSet inputs = new BitSet();
    for (Origin part : parts) {
      for (int input : part.inputs) {
        inputs.set(input);
      }
    }
    return new Origin(column, inputs.stream().toArray());
  }
}
