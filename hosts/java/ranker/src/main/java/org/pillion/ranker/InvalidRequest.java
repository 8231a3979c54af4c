package org.pillion.ranker;

/** A request that does not fit the model. */
public final class InvalidRequest extends RankerException {
  private static final long serialVersionUID = 1L;

  private final String field;

  /**
   * A refusal.
   *
   * @param field the field that is wrong, or null
   * @param cause what led to it, or null
   */
  public InvalidRequest(String field, String message, Throwable cause) {
    super("invalid_request", message, false, cause);
    this.field = field;
  }

  /** The field that is wrong, or null. */
  public String field() {
    return field;
  }
}
