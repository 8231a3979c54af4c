package org.pillion.scoring;

/** A model, or an output of one, whose values cannot be split into contributions of the inputs. */
public final class NotExplained extends ScoringException {
  private static final long serialVersionUID = 1L;

  /**
   * A refusal.
   *
   * @param message why, in one sentence
   */
  public NotExplained(String message) {
    super("not_explained", message, false, null);
  }
}
