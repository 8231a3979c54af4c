package org.pillion.registry;

/** Why an operator's change was not made, in one sentence; nothing changed. */
public final class ChangeRefused extends Exception {
  private static final long serialVersionUID = 1L;

  /** What kind of reason it is. */
  public enum Kind {
    /** There is no such model or version. */
    UNKNOWN,
    /** There is, but it cannot do what is asked. */
    NOT_POSSIBLE,
    /** The decision could not be written down, and so would not survive a restart. */
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
