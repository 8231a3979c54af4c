package org.pillion.registry;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.pillion.registry.ChangeRefused.Kind;
import org.pillion.scoring.Engines;

/**
 * The folder {@code <dir>/<model>/<version>/} and what was loaded from it.
 *
 * <p>Any thread may read the {@link #catalog()}, which is swapped as a whole. Loads run one at a
 * time, on the calling thread. A change of the serving version never waits for a load.
 */
public final class ModelRepository {
  /** Where decisions are kept unless another file is named; never taken for a model. */
  public static final String STATE = ".serving.json";

  private final RepositoryScanner scanner;
  private final VersionLoader loader;
  private final StateFile file;
  private final Set<String> required;

  /** Held during a whole reload; taken before {@link #lock}. */
  private final Object loading = new Object();

  /** Guards the parts of the catalog; held briefly only. */
  private final Object lock = new Object();

  private final Map<VersionId, VersionEntry> entries = new HashMap<>();
  private List<FolderProblem> problems = List.of();
  private ServingState state = ServingState.EMPTY;
  private volatile Catalog catalog = Catalog.empty();

  /** A repository whose documents are scored by the given engines; nothing is read yet. */
  public ModelRepository(Path folder, Engines engines) {
    this(folder, folder.resolve(STATE), Set.of(), engines, Optional.empty());
  }

  /**
   * A repository; nothing is read yet.
   *
   * @param folder the repository
   * @param state the file that keeps operators' decisions across restarts
   * @param required models without which {@link Catalog#ready()} is false; empty for all found
   * @param engines what scores the documents
   * @param engine name of the engine for every version, or empty for the one that its manifest says
   */
  public ModelRepository(
      Path folder, Path state, Set<String> required, Engines engines, Optional<String> engine) {
    scanner = new RepositoryScanner(folder, Clock.systemUTC());
    loader = new VersionLoader(engines, engine);
    file = new StateFile(state);
    this.required = Set.copyOf(required);
  }

  /** The current catalog. */
  public Catalog catalog() {
    return catalog;
  }

  /**
   * Reads the repository for the first time.
   *
   * @throws IOException when the repository's own folder or its state cannot be read
   */
  public ReloadReport load() throws IOException {
    return reload();
  }

  /**
   * Looks for new, changed and removed versions; each is swapped in once it was verified and
   * warmed.
   *
   * <p>A version whose new content is refused keeps serving its old content, and so does one whose
   * folder cannot be read: it goes only when it is seen to be gone. Decisions that another process
   * wrote into the state are taken over.
   *
   * @throws IOException when the repository's own folder or its state cannot be read; nothing
   *     changes then but the catalog's problems
   */
  public ReloadReport reload() throws IOException {
    synchronized (loading) {
      RepositoryScan scan;
      List<VersionId> removed;
      try {
        scan = scanner.scan();
        removed = takeOver(scan);
      } catch (IOException e) {
        addProblem(FolderProblem.unreadable("", "", "the repository", e));
        throw e;
      }
      List<VersionStatus> loaded = new ArrayList<>();
      List<VersionStatus> refused = new ArrayList<>();
      scan.found()
          .forEach(
              (id, folder) -> {
                VersionEntry before = entryOf(id);
                if (before != null && !before.isDue(folder)) {
                  return;
                }
                VersionLoader.Outcome outcome = loader.load(id, folder);
                VersionEntry entry = VersionEntry.of(folder, outcome, before);
                if (swapIn(id, entry) && !entry.repeats(before)) {
                  (outcome.version().isPresent() ? loaded : refused).add(outcome.status());
                }
              });
      return new ReloadReport(loaded, refused, removed);
    }
  }

  /** Takes over what is gone, unreadable or unloaded, and returns the versions that are gone. */
  private List<VersionId> takeOver(RepositoryScan scan) throws IOException {
    synchronized (lock) {
      state = file.read();
      List<VersionId> removed = entries.keySet().stream().filter(scan::lacks).sorted().toList();
      removed.forEach(entries::remove);
      scan.found().keySet().forEach(this::dropOrRevive);
      problems = scan.problems();
      publish();
      return removed;
    }
  }

  private VersionEntry entryOf(VersionId id) {
    synchronized (lock) {
      return entries.get(id);
    }
  }

  /** Swaps a version in, unless its model was unloaded in the meantime. */
  private boolean swapIn(VersionId id, VersionEntry entry) {
    synchronized (lock) {
      if (state.of(id.model()).unloaded()) {
        return false;
      }
      entries.put(id, entry);
      publish();
      return true;
    }
  }

  /** Drops a version whose model is unloaded, and has one loaded whose model no longer is. */
  private void dropOrRevive(VersionId id) {
    if (state.of(id.model()).unloaded()) {
      entries.put(id, VersionEntry.unloaded(id));
    } else {
      entries.computeIfPresent(id, (of, entry) -> entry.isUnloaded() ? entry.due() : entry);
    }
  }

  /** Adds the repository's own problem to those of its folders, of which nothing new is known. */
  private void addProblem(FolderProblem own) {
    synchronized (lock) {
      List<FolderProblem> all = new ArrayList<>(problems);
      all.removeIf(problem -> problem.model().isEmpty());
      all.add(own);
      problems = all;
      publish();
    }
  }

  private void publish() {
    catalog =
        new Catalog(
            entries.values().stream().flatMap(entry -> entry.version().stream()).toList(),
            entries.values().stream().map(entry -> entry.status()).toList(),
            problems,
            state,
            required);
  }

  /**
   * Makes a version serve from now on, across restarts; versions that appear later do not take
   * over.
   *
   * @param version the version, or 0 for the highest, now and as new ones appear
   * @throws ChangeRefused when it cannot serve; nothing changes then
   */
  public ServingChange promote(String model, long version) throws ChangeRefused {
    Operator operator = new Operator(model);
    if (version == ServingChoice.NEWEST) {
      return operator.decide(choice -> ServingChoice.DEFAULT);
    }
    operator.requireReady(version);
    return operator.decide(choice -> choice.promoted(version, operator.serving()));
  }

  /**
   * Goes back to a version, which is warm already, and stays there across restarts.
   *
   * @param version the version, or 0 for the one before that which serves
   * @throws ChangeRefused when there is none to go back to; nothing changes then
   */
  public ServingChange rollback(String model, long version) throws ChangeRefused {
    Operator operator = new Operator(model);
    if (version != 0) {
      operator.requireReady(version);
      return operator.decide(choice -> choice.rolledBack(version));
    }
    synchronized (lock) {
      long previous =
          catalog
              .previous(model)
              .orElseThrow(
                  () ->
                      new ChangeRefused(
                          Kind.NOT_POSSIBLE,
                          "the model '" + model + "' has no version to go back to"));
      return operator.decide(choice -> choice.rolledBack(previous));
    }
  }

  /**
   * Lets go of every version of a model, across restarts.
   *
   * @throws ChangeRefused when there is no such model
   */
  public ServingChange unload(String model) throws ChangeRefused {
    return new Operator(model).decide(choice -> choice.withUnloaded(true));
  }

  /**
   * Loads a model that was unloaded, and looks again at versions that were refused.
   *
   * @throws ChangeRefused when there is no such model, or no version of it can serve
   * @throws IOException when the repository's own folder cannot be read
   */
  public ReloadReport load(String model) throws ChangeRefused, IOException {
    synchronized (lock) {
      if (catalog.knows(model)) {
        new Operator(model).decide(choice -> choice.withUnloaded(false));
        entries.replaceAll(
            (id, entry) -> entry.isOf(model) && entry.version().isEmpty() ? entry.due() : entry);
      }
    }
    ReloadReport report = reload();
    Catalog now = catalog;
    if (now.serving(model).isEmpty()) {
      new Operator(model);
      String reason =
          now.statuses().stream()
              .filter(status -> status.id().model().equals(model))
              .reduce((first, last) -> last)
              .map(status -> "version " + status.id().version() + ": " + status.reason())
              .orElse("it is gone");
      throw new ChangeRefused(
          Kind.NOT_POSSIBLE, "the model '" + model + "' was refused; " + reason);
    }
    return report;
  }

  /** The one who decides about a model that is there. */
  private final class Operator {
    private final String model;

    Operator(String model) throws ChangeRefused {
      this.model = model;
      if (!catalog.knows(model)) {
        throw new ChangeRefused(Kind.UNKNOWN, "there is no model '" + model + "'");
      }
    }

    void requireReady(long version) throws ChangeRefused {
      VersionId id = new VersionId(model, version);
      Catalog now = catalog;
      if (now.version(id).isEmpty()) {
        VersionStatus status =
            now.status(id)
                .orElseThrow(
                    () ->
                        new ChangeRefused(
                            Kind.UNKNOWN,
                            "the model '%s' has no version %d".formatted(model, version)));
        throw new ChangeRefused(
            Kind.NOT_POSSIBLE,
            "version %d of the model '%s' is not ready: %s"
                .formatted(version, model, status.reason()));
      }
    }

    long serving() {
      return catalog.serving(model).orElseThrow().id().version();
    }

    ServingChange decide(UnaryOperator<ServingChoice> change) throws ChangeRefused {
      synchronized (lock) {
        Catalog before = catalog;
        ServingState decided = state.with(model, change.apply(state.of(model)));
        if (!decided.equals(state)) {
          try {
            file.write(decided);
          } catch (IOException e) {
            throw new ChangeRefused(
                Kind.NOT_KEPT,
                "the decision cannot be written to the file of --state (%s), so nothing was changed"
                    .formatted(FolderProblem.detail(e)));
          }
          state = decided;
          List.copyOf(entries.keySet()).stream()
              .filter(id -> id.model().equals(model))
              .forEach(ModelRepository.this::dropOrRevive);
          publish();
        }
        return new ServingChange(model, servingIn(before), servingIn(catalog));
      }
    }

    private OptionalLong servingIn(Catalog where) {
      return where
          .serving(model)
          .map(version -> OptionalLong.of(version.id().version()))
          .orElseGet(OptionalLong::empty);
    }
  }
}
