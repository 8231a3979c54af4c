package org.pillion.server.metrics;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.pillion.registry.VersionId;

/** The versions that are in the repository or deployed; what was counted of any other goes. */
public final class LiveVersions {
  private final List<Predicate<VersionId>> owners = new CopyOnWriteArrayList<>();

  /** Adds one that holds versions. */
  public void add(Predicate<VersionId> owner) {
    owners.add(owner);
  }

  /** Whether anyone holds a version; nobody is asked where nobody was added. */
  boolean contains(VersionId id) {
    return owners.isEmpty() || owners.stream().anyMatch(owner -> owner.test(id));
  }
}
