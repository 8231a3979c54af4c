package org.pillion.registry;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Everything known of a model repository at one moment; never changes. */
public final class Catalog {
  private final Map<String, NavigableMap<Integer, ModelVersion>> ready;
  private final NavigableMap<VersionId, VersionStatus> statuses;

  Catalog(Collection<ModelVersion> versions, Collection<VersionStatus> statuses) {
    this.ready = new TreeMap<>();
    for (ModelVersion version : versions) {
      ready
          .computeIfAbsent(version.id().model(), name -> new TreeMap<>())
          .put(version.id().version(), version);
    }
    this.statuses = new TreeMap<>();
    statuses.forEach(status -> this.statuses.put(status.id(), status));
  }

  static Catalog empty() {
    return new Catalog(List.of(), List.of());
  }

  /** What became of every version found, by model and version. */
  public List<VersionStatus> statuses() {
    return List.copyOf(statuses.values());
  }

  /** The status of a version, if the repository has it. */
  public Optional<VersionStatus> status(VersionId id) {
    return Optional.ofNullable(statuses.get(id));
  }

  /** Whether the repository has any version of a model, good or bad. */
  public boolean knows(String model) {
    return statuses.keySet().stream().anyMatch(id -> id.model().equals(model));
  }

  /** Versions of a model that can serve, ascending. */
  public Set<Integer> readyVersions(String model) {
    return ready.getOrDefault(model, new TreeMap<>()).navigableKeySet();
  }

  /** The version that serves a model by default: the highest that can. */
  public Optional<ModelVersion> serving(String model) {
    return Optional.ofNullable(ready.get(model))
        .map(NavigableMap::lastEntry)
        .map(Map.Entry::getValue);
  }

  /** A version that can serve. */
  public Optional<ModelVersion> version(VersionId id) {
    return Optional.ofNullable(ready.get(id.model())).map(versions -> versions.get(id.version()));
  }

  /** Whether there is at least one model, and every model has a version that can serve. */
  public boolean ready() {
    return !statuses.isEmpty()
        && statuses.keySet().stream().map(VersionId::model).allMatch(ready::containsKey);
  }
}
