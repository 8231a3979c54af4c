package org.pillion.scoring;

import java.util.List;

/**
 * The part of an {@link Explanation} that some inputs have together.
 *
 * @param fields names of the inputs, in the contract's order; more than one where the model was
 *     given a value that is made of all of them, such as a product
 * @param columns what the values that the model was given are called in its pipeline
 * @param value the part
 */
public record Contribution(List<String> fields, List<String> columns, double value) {
  public Contribution {
    fields = List.copyOf(fields);
    columns = List.copyOf(columns);
  }
}
