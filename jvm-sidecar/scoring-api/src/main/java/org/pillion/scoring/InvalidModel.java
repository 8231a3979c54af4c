package org.pillion.scoring;

/** A document that no engine can use: malformed, truncated, contradictory or dangerous. */
public final class InvalidModel extends ScoringException {
  private static final long serialVersionUID = 1L;

  /** A bad document, in one sentence. */
  public InvalidModel(String message) {
    this(message, null);
  }

  /** A bad document, in one sentence, with its cause or null. */
  public InvalidModel(String message, Throwable cause) {
    super("invalid_model", message, false, cause);
  }
}
