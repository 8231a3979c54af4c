package org.pillion.scoring;

/** A batch that does not fit the contract, or cannot be read. */
public final class InvalidInput extends ScoringException {
  private static final long serialVersionUID = 1L;

  private final String field;

  /** A bad batch, where no single field is the cause. */
  public InvalidInput(String message) {
    this(null, message);
  }

  /**
   * A bad column.
   *
   * @param field the field, or null
   */
  public InvalidInput(String field, String message) {
    super("invalid_input", message, false, null);
    this.field = field;
  }

  /** The field, or null. */
  public String field() {
    return field;
  }
}
