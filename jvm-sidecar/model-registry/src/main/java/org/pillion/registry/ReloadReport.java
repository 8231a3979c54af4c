package org.pillion.registry;

import java.util.List;

/**
 * What a reload changed.
 *
 * @param loaded versions that can serve from now on, or whose content was replaced
 * @param refused versions that were refused, each with its reason
 * @param removed versions that are gone from the repository
 */
public record ReloadReport(
    List<VersionStatus> loaded, List<VersionStatus> refused, List<VersionId> removed) {
  public ReloadReport {
    loaded = List.copyOf(loaded);
    refused = List.copyOf(refused);
    removed = List.copyOf(removed);
  }

  /** True when the repository was as before. */
  public boolean unchanged() {
    return loaded.isEmpty() && refused.isEmpty() && removed.isEmpty();
  }
}
