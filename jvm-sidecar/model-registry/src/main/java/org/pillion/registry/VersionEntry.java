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
  static VersionEntry of(String fingerprint, VersionLoader.Outcome outcome, VersionEntry before) {
    if (outcome.version().isPresent() || before == null || before.version.isEmpty()) {
      return new VersionEntry(fingerprint, outcome.version(), outcome.status());
    }
    VersionStatus old = before.status;
    String reason =
        "serves its former content; the new one was refused: " + outcome.status().reason();
    VersionStatus kept =
        new VersionStatus(
            old.id(), old.state(), reason, old.engine(), old.loadMillis(), old.rowsVerified());
    return new VersionEntry(fingerprint, before.version, kept);
  }

  static VersionEntry unloaded(VersionId id) {
    VersionStatus.State unavailable = VersionStatus.State.UNAVAILABLE;
    VersionStatus status = new VersionStatus(id, unavailable, "unloaded", "", 0, 0);
    return new VersionEntry(null, Optional.empty(), status);
  }

  boolean isFor(VersionFolder folder) {
    return folder.fingerprint().equals(fingerprint);
  }

  boolean isUnloaded() {
    return fingerprint == null;
  }

  boolean isOf(String model) {
    return status.id().model().equals(model);
  }
}
