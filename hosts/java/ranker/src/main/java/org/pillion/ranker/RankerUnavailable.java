package org.pillion.ranker;

/** No version can answer now. */
public final class RankerUnavailable extends RankerException {
  private static final long serialVersionUID = 1L;

  /**
   * A call without an answer.
   *
   * @param retryable whether nothing of the call was processed, so that it may be made again
   * @param cause what led to it, or null
   */
  public RankerUnavailable(String message, boolean retryable, Throwable cause) {
    super("unavailable", message, retryable, cause);
  }
}
