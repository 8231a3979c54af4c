package org.pillion.registry;

import java.util.List;
import java.util.SortedMap;

/**
 * What one look at the repository's folder saw.
 *
 * @param found versions that are there; the content of some may be unreadable
 * @param problems folders that are no version, or that cannot be read
 */
record RepositoryScan(SortedMap<VersionId, VersionFolder> found, List<FolderProblem> problems) {
  /** Whether a version is seen to be gone; one in a folder that cannot be read is not. */
  boolean lacks(VersionId id) {
    return !found.containsKey(id)
        && problems.stream()
            .noneMatch(
                problem ->
                    problem.kind() == FolderProblem.Kind.UNREADABLE
                        && problem.folder().isEmpty()
                        && problem.model().equals(id.model()));
  }
}
