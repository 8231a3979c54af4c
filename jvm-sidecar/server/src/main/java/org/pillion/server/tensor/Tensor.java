package org.pillion.server.tensor;

import org.pillion.scoring.Column;

/**
 * The values of one field in a request.
 *
 * @param name name of the field
 * @param column the values, in the field's type
 * @param isContext whether the one value counts for every row
 */
public record Tensor(String name, Column column, boolean isContext) {
  /** The parameter of a tensor that makes it one of the context. */
  public static final String CONTEXT = "context";
}
