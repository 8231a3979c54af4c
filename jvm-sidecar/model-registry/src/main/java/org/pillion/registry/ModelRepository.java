package org.pillion.registry;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicReference;
import org.pillion.scoring.Engines;

/**
 * The folder {@code <dir>/<model>/<version>/} and what was loaded from it.
 *
 * <p>Any thread may read the {@link #catalog()}, which is swapped as a whole; loads run one at a
 * time on the thread that asks for them.
 */
public final class ModelRepository {
  private final RepositoryScanner scanner;
  private final VersionLoader loader;
  private final AtomicReference<Catalog> catalog = new AtomicReference<>(Catalog.empty());
  private final Map<VersionId, Seen> seen = new HashMap<>();

  /** A repository whose documents are scored by the given engines; nothing is read yet. */
  public ModelRepository(Path folder, Engines engines) {
    scanner = new RepositoryScanner(folder);
    loader = new VersionLoader(engines);
  }

  /** What serves at this moment. */
  public Catalog catalog() {
    return catalog.get();
  }

  /**
   * Reads the repository for the first time.
   *
   * @throws IOException when the repository's own folder cannot be read
   */
  public ReloadReport load() throws IOException {
    return reload();
  }

  /**
   * Looks for new, changed and removed versions, and swaps the outcome in at once.
   *
   * <p>A version whose new content is refused keeps serving its old content.
   *
   * @throws IOException when the repository's own folder cannot be read; nothing changes then
   */
  public synchronized ReloadReport reload() throws IOException {
    SortedMap<VersionId, VersionFolder> found = scanner.scan();
    List<VersionStatus> loaded = new ArrayList<>();
    List<VersionStatus> refused = new ArrayList<>();
    List<VersionId> removed =
        seen.keySet().stream().filter(id -> !found.containsKey(id)).sorted().toList();
    removed.forEach(seen::remove);

    found.forEach(
        (id, folder) -> {
          Seen before = seen.get(id);
          if (before != null && before.fingerprint.equals(folder.fingerprint())) {
            return;
          }
          VersionLoader.Outcome outcome = loader.load(id, folder);
          (outcome.version().isPresent() ? loaded : refused).add(outcome.status());
          seen.put(id, Seen.of(folder.fingerprint(), outcome, before));
        });

    catalog.set(
        new Catalog(
            seen.values().stream().flatMap(entry -> entry.version.stream()).toList(),
            seen.values().stream().map(entry -> entry.status).toList()));
    return new ReloadReport(loaded, refused, removed);
  }

  /** The content last looked at, and what serves of it. */
  private record Seen(String fingerprint, Optional<ModelVersion> version, VersionStatus status) {
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
  }
}
