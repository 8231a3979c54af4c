package org.pillion.registry;

import java.util.Optional;

/**
 * What the repository holds of a version.
 *
 * @param fingerprint fingerprint of the content that was read last, or null where none was read
 * @param version the version that serves, if any
 * @param status its status
 */
record VersionEntry(String fingerprint, Optional<ModelVersion> version, VersionStatus status) {
  /** Of a content that could not be read, and is tried again. */
  private static final String UNREAD = "unread";

  /** Of a content that is to be loaded, whatever it is. */
  private static final String DUE = "due";

  static VersionEntry of(VersionFolder folder, VersionLoader.Outcome outcome, VersionEntry before) {
    String fingerprint = outcome.unread() ? UNREAD : folder.fingerprint();
    if (outcome.version().isPresent() || before == null || before.version.isEmpty()) {
      return new VersionEntry(fingerprint, outcome.version(), outcome.status());
    }
    String reason =
        "serves its former content; the new one was refused: " + outcome.status().reason();
    return new VersionEntry(fingerprint, before.version, before.status.withReason(reason));
  }

  static VersionEntry unloaded(VersionId id) {
    VersionStatus.State unavailable = VersionStatus.State.UNAVAILABLE;
    VersionStatus status = new VersionStatus(id, unavailable, "unloaded", "", 0, 0);
    return new VersionEntry(null, Optional.empty(), status);
  }

  /** The same to be loaded again; until that is done it is known, and why it does not serve. */
  VersionEntry due() {
    VersionStatus next =
        isUnloaded()
            ? new VersionStatus(
                status.id(), VersionStatus.State.LOADING, "is being loaded", "", 0, 0)
            : status;
    return new VersionEntry(DUE, version, next);
  }

  /** Whether a folder has other content that can be read; what serves is not tried in vain. */
  boolean isDue(VersionFolder folder) {
    return !isUnloaded()
        && !folder.fingerprint().equals(fingerprint)
        && (folder.readable() || version.isEmpty());
  }

  /** Whether this is the same failure to read as before. */
  boolean repeats(VersionEntry before) {
    return UNREAD.equals(fingerprint)
        && before != null
        && UNREAD.equals(before.fingerprint)
        && before.status.reason().equals(status.reason());
  }

  boolean isUnloaded() {
    return fingerprint == null;
  }

  boolean isOf(String model) {
    return status.id().model().equals(model);
  }
}
