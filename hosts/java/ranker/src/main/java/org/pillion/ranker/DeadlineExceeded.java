package org.pillion.ranker;

/** The time was over before there was an answer. */
public final class DeadlineExceeded extends RankerException {
  private static final long serialVersionUID = 1L;

  /** A call that ran out of time. */
  public DeadlineExceeded(String message) {
    super("deadline_exceeded", message, false, null);
  }
}
