package org.pillion.scoring;

import java.util.Objects;

/**
 * A failure to score.
 *
 * <pre>
 * ScoringException
 *  ├ InvalidModel         the document is bad
 *  ├ UnsupportedElement   the document is fine, but this engine does not do a part of it
 *  ├ InvalidInput         the batch is bad
 *  └ NotExplained         scores are fine, but are not split into contributions
 * </pre>
 */
public class ScoringException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final boolean retryable;

  /**
   * A failure with a stable code.
   *
   * @param cause what led to it, or null
   */
  public ScoringException(String code, String message, boolean retryable, Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
    this.retryable = retryable;
  }

  /** Stable identifier of the kind of failure, for example {@code invalid_input}. */
  public final String code() {
    return code;
  }

  /** Whether the same call may succeed later. */
  public final boolean retryable() {
    return retryable;
  }
}
