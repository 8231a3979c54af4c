package org.pillion.ranker;

/** No version can answer now. */
public final class RankerUnavailable extends RankerException {
  private static final long serialVersionUID = 1L;

  /** Why there is no answer. */
  public enum Kind {
    /** There is no connection, or it broke without an answer. */
    UNREACHABLE(true),
    /** The TLS handshake failed: one side does not accept what the other shows. */
    UNTRUSTED(false),
    /** As many calls are under way as may be. */
    SATURATED(true),
    /** It answered, and declined the call. */
    REFUSED(false),
    /** The items that the call names are not in memory. */
    LACKS_ITEMS(false),
    /** The call failed after it was sent, or something that should not happen did. */
    FAILED(false);

    private final boolean retryable;

    Kind(boolean retryable) {
      this.retryable = retryable;
    }
  }

  private final Kind kind;

  /**
   * A call without an answer.
   *
   * @param cause what led to it, or null
   */
  public RankerUnavailable(Kind kind, String message, Throwable cause) {
    super("unavailable", message, kind.retryable, cause);
    this.kind = kind;
  }

  /** Why there is no answer. */
  public Kind kind() {
    return kind;
  }
}
