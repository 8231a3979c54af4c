package org.pillion.registry;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** The immutable state of a model repository at one moment. */
public final class Catalog {
  private final Map<String, NavigableMap<Long, ModelVersion>> ready;
  private final Map<String, ModelVersion> serving;
  private final NavigableMap<VersionId, VersionStatus> statuses;
  private final List<FolderProblem> problems;
  private final ServingState state;
  private final Set<String> required;

  Catalog(
      Collection<ModelVersion> versions,
      Collection<VersionStatus> statuses,
      List<FolderProblem> problems,
      ServingState state,
      Set<String> required) {
    this.ready = new TreeMap<>();
    for (ModelVersion version : versions) {
      ready
          .computeIfAbsent(version.id().model(), name -> new TreeMap<>())
          .put(version.id().version(), version);
    }
    this.serving = new TreeMap<>();
    ready.forEach((model, found) -> serving.put(model, state.of(model).serving(found).getValue()));
    this.statuses = new TreeMap<>();
    statuses.forEach(status -> this.statuses.put(status.id(), withProblems(status, problems)));
    this.problems = problems.stream().sorted().toList();
    this.state = state;
    this.required = required;
  }

  static Catalog empty() {
    return new Catalog(List.of(), List.of(), List.of(), ServingState.EMPTY, Set.of());
  }

  /** The status with why the storage cannot be asked about a version that goes on serving. */
  private static VersionStatus withProblems(VersionStatus status, List<FolderProblem> problems) {
    String version = Long.toString(status.id().version());
    for (FolderProblem problem : problems) {
      boolean concerns =
          problem.model().isEmpty()
              || problem.model().equals(status.id().model())
                  && (problem.folder().isEmpty() || problem.folder().equals(version));
      if (concerns && status.ready() && problem.kind() == FolderProblem.Kind.UNREADABLE) {
        return status.withReason("goes on serving what was loaded; " + problem.reason());
      }
    }
    return status;
  }

  /** Folders that are no version or cannot be read, by model and folder. */
  public List<FolderProblem> problems() {
    return problems;
  }

  /** Those of the problems that no version's status tells. */
  public List<FolderProblem> strayProblems() {
    return problems.stream()
        .filter(
            problem -> {
              OptionalLong version = VersionId.number(problem.folder());
              return version.isEmpty()
                  || status(new VersionId(problem.model(), version.getAsLong())).isEmpty();
            })
        .toList();
  }

  /** The status of every version found, by model and version. */
  public List<VersionStatus> statuses() {
    return List.copyOf(statuses.values());
  }

  /** The status of a version, if the repository has it. */
  public Optional<VersionStatus> status(VersionId id) {
    return Optional.ofNullable(statuses.get(id));
  }

  /** Whether the repository has any version of a model, good or bad. */
  public boolean knows(String model) {
    VersionId first = statuses.ceilingKey(new VersionId(model, 0));
    return first != null && first.model().equals(model);
  }

  /** Every version that can serve, by model and version. */
  public List<ModelVersion> versions() {
    return ready.values().stream().flatMap(found -> found.values().stream()).toList();
  }

  /** Versions of a model that can serve, ascending. */
  public Set<Long> readyVersions(String model) {
    return ready(model).navigableKeySet();
  }

  /** The version that serves a model: the one an operator chose, else the highest that can. */
  public Optional<ModelVersion> serving(String model) {
    return Optional.ofNullable(serving.get(model));
  }

  /** The numbers of the versions that serve, by model. */
  public Map<String, Long> serving() {
    Map<String, Long> numbers = new TreeMap<>();
    serving.forEach((model, version) -> numbers.put(model, version.id().version()));
    return numbers;
  }

  /** Whether an operator chose the version that is to serve a model. */
  public boolean pinned(String model) {
    return state.of(model).pinned() != ServingChoice.NEWEST;
  }

  /** The version that a rollback of a model goes to, if there is one. */
  public OptionalLong previous(String model) {
    ModelVersion now = serving.get(model);
    return now == null
        ? OptionalLong.empty()
        : state.of(model).previous(now.id().version(), ready(model));
  }

  /** A version that can serve. */
  public Optional<ModelVersion> version(VersionId id) {
    return Optional.ofNullable(ready(id.model()).get(id.version()));
  }

  /**
   * Whether every required model serves; where none was named, whether there is a model and every
   * one serves that was not unloaded, and is not being loaded after that.
   */
  public boolean ready() {
    if (!required.isEmpty()) {
      return serving.keySet().containsAll(required);
    }
    return !serving.isEmpty()
        && statuses.keySet().stream()
            .map(VersionId::model)
            .allMatch(
                model ->
                    serving.containsKey(model) || state.of(model).unloaded() || loading(model));
  }

  private boolean loading(String model) {
    return statuses.values().stream()
        .anyMatch(
            status ->
                status.id().model().equals(model) && status.state() == VersionStatus.State.LOADING);
  }

  private NavigableMap<Long, ModelVersion> ready(String model) {
    return ready.getOrDefault(model, new TreeMap<>());
  }
}
