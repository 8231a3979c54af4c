package org.pillion.server.tensor;

import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;

/**
 * The values of one field in a request.
 *
 * @param name name of the field
 * @param column the values, in the field's type
 * @param role what the values are for
 */
public record Tensor(String name, Column column, Role role) {
  /** What a tensor's values are for. */
  public enum Role {
    /** A value for each row. */
    ROWS,
    /** One value, which counts for every row. */
    CONTEXT,
    /** One value, which stands in where an item has none. */
    DEFAULT
  }

  /** The parameter of a tensor that makes it one of the context. */
  public static final String CONTEXT = "context";

  /** Whether the one value counts for every row. */
  public boolean isContext() {
    return role == Role.CONTEXT;
  }

  /**
   * Refuses more values than one, or none, where one is for all rows.
   *
   * @throws InvalidInput saying how many there are
   */
  public void requireOne() {
    if (column.rows() != 1) {
      throw new InvalidInput(
          name,
          "the input '%s' is %s, so it has 1 value, not %d"
              .formatted(name, isContext() ? "of the context" : "a default", column.rows()));
    }
  }
}
