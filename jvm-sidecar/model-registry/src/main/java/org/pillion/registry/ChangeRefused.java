package org.pillion.registry;

/** An operator's change that was not made; the message says why in one sentence. */
public final class ChangeRefused extends Exception {
  private static final long serialVersionUID = 1L;

  /** What kind of reason it is. */
  public enum Kind {
    /** There is no such model or version. */
    UNKNOWN,
    /** The change is not possible now. */
    NOT_POSSIBLE,
    /** The decision could not be written to the state file. */
    NOT_KEPT
  }

  private final Kind kind;

  ChangeRefused(Kind kind, String reason) {
    super(reason);
    this.kind = kind;
  }

  /** The kind of reason. */
  public Kind kind() {
    return kind;
  }
}
