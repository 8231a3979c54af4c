package org.pillion.ranker;

/**
 * Why there is no answer.
 *
 * <pre>
 * RankerException
 *  ├ InvalidRequest      the request is bad: it fails again
 *  ├ DeadlineExceeded    the time was over
 *  └ RankerUnavailable   no version can answer now: another try may succeed
 * </pre>
 */
public abstract sealed class RankerException extends RuntimeException
    permits InvalidRequest, DeadlineExceeded, RankerUnavailable {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final boolean retryable;

  RankerException(String code, String message, boolean retryable, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.retryable = retryable;
  }

  /** Stable identifier of the kind of failure, for example {@code invalid_request}. */
  public final String code() {
    return code;
  }

  /** Whether the same call may succeed at once. */
  public final boolean retryable() {
    return retryable;
  }
}
