package org.pillion.registry;

/**
 * The status of a version.
 *
 * @param id the version
 * @param state whether it can serve
 * @param reason why it cannot, or a remark; may be empty
 * @param engine the engine it is scored with; empty when it was refused
 * @param loadMillis time to read, verify and warm it
 * @param rowsVerified rows of its verification set that the engine reproduced
 */
public record VersionStatus(
    VersionId id, State state, String reason, String engine, long loadMillis, int rowsVerified) {
  /** Whether a version can serve. */
  public enum State {
    /** Verified and warm. */
    READY,
    /** Being loaded again, after its model was unloaded. */
    LOADING,
    /** Refused, or unloaded. */
    UNAVAILABLE
  }

  /** The same status with another reason. */
  VersionStatus withReason(String other) {
    return new VersionStatus(id, state, other, engine, loadMillis, rowsVerified);
  }

  /** True when the version can serve. */
  public boolean ready() {
    return state == State.READY;
  }
}
