package org.pillion.server.tensor;

import org.pillion.scoring.Column;

/** Builds a tensor from the items of a binary or a gRPC request. */
public final class InputTensor {
  private InputTensor() {}

  /**
   * A tensor of items.
   *
   * @param items as many as the shape declares
   * @param missingRows the tensor's parameter {@link MissingRows#PARAMETER}, or null
   * @param isContext the tensor's parameter {@link Tensor#CONTEXT}
   */
  public static Tensor of(
      InputRules rules,
      String name,
      Datatype datatype,
      long[] shape,
      TensorItems items,
      String missingRows,
      boolean isContext) {
    rules.requireValues(name, shape, items.count());
    boolean[] missing = MissingRows.parse(name, missingRows, items.count());
    Column column = ItemColumn.of(name, datatype, rules.type(name), items, missing);
    return new Tensor(name, column, isContext);
  }
}
