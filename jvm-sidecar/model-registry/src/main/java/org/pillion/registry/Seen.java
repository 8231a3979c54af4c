package org.pillion.registry;

import java.util.Optional;

/**
 * The content last looked at, and what serves of it.
 *
 * @param fingerprint of the content, or null where none was looked at
 * @param version what serves
 * @param status what is said of it
 */
record Seen(String fingerprint, Optional<ModelVersion> version, VersionStatus status) {
  static Seen of(String fingerprint, VersionLoader.Outcome outcome, Seen before) {
    if (outcome.version().isPresent() || before == null || before.version.isEmpty()) {
      return new Seen(fingerprint, outcome.version(), outcome.status());
    }
    VersionStatus old = before.status;
    String reason =
        "serves its former content; the new one was refused: " + outcome.status().reason();
    VersionStatus kept =
        new VersionStatus(
            old.id(), old.state(), reason, old.engine(), old.loadMillis(), old.rowsVerified());
    return new Seen(fingerprint, before.version, kept);
  }

  static Seen unloaded(VersionId id) {
    VersionStatus.State unavailable = VersionStatus.State.UNAVAILABLE;
    VersionStatus status = new VersionStatus(id, unavailable, "unloaded", "", 0, 0);
    return new Seen(null, Optional.empty(), status);
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
