package org.pillion.recommender;

/** Why a rung has no answer, as the stable code that answers give for their reason. */
final class Unanswered extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;

  Unanswered(String reason, Throwable cause) {
    super(reason, cause);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
