package org.pillion.features;

/** The store cannot be read, or what it holds cannot be used; the message is one sentence. */
public final class StoreException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What is at fault. */
  public enum Kind {
    /** There is no connection. */
    UNREACHABLE,
    /** There was no answer in time. */
    TIMEOUT,
    /** The store answered with an error. */
    FAILED,
    /** What it holds is not what was written. */
    CORRUPT
  }

  private final Kind kind;

  StoreException(String message) {
    this(Kind.CORRUPT, message, null);
  }

  StoreException(String message, Throwable cause) {
    this(Kind.CORRUPT, message, cause);
  }

  StoreException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What is at fault. */
  public Kind kind() {
    return kind;
  }
}
