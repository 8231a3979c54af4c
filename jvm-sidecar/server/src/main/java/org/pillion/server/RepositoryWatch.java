package org.pillion.server;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.pillion.registry.Catalog;
import org.pillion.registry.FolderProblem;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.ReloadReport;
import org.pillion.registry.VersionId;
import org.pillion.registry.VersionStatus;
import org.pillion.server.metrics.Metrics;
import org.pillion.server.watch.WatchThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the repository at the start, then polls it on a thread of its own. */
final class RepositoryWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RepositoryWatch.class);

  private final ModelRepository repository;
  private final Metrics metrics;
  private Set<FolderProblem> problems = Set.of();
  private Map<String, Long> serving = Map.of();
  private String failure = "";
  private final WatchThread thread = new WatchThread("repository-watch");

  RepositoryWatch(ModelRepository repository, Metrics metrics) {
    this.repository = repository;
    this.metrics = metrics;
    metrics.watchProblems(() -> repository.catalog().problems());
    metrics.watchServing(
        id -> repository.catalog().serving(id.model()).filter(v -> v.id().equals(id)).isPresent());
  }

  void load() throws IOException {
    record(repository.load());
  }

  void start(Duration poll) {
    if (!poll.isZero()) {
      thread.start(this::poll, poll, poll);
    }
  }

  private void poll() {
    try {
      record(repository.reload());
      failure = "";
    } catch (IOException e) {
      metrics.reloadFailed();
      logProblems();
    } catch (RuntimeException e) {
      metrics.reloadFailed();
      if (!e.toString().equals(failure)) {
        failure = e.toString();
        LOG.error("the look at the model repository failed; what was loaded goes on serving", e);
      }
    }
  }

  /** Logs what is wrong with the repository's folders once, and once that it no longer is. */
  private synchronized void logProblems() {
    Set<FolderProblem> now = new LinkedHashSet<>(repository.catalog().problems());
    for (FolderProblem problem : now) {
      if (!problems.contains(problem)) {
        LOG.warn("{}: {}", problem.path(), problem.reason());
      }
    }
    for (FolderProblem problem : problems) {
      if (!now.contains(problem)) {
        LOG.info("{}: no longer so: {}", problem.path(), problem.reason());
      }
    }
    problems = now;
  }

  /** Logs every change of what serves: by new content, or by an operator, here or elsewhere. */
  private synchronized void logServing() {
    Catalog catalog = repository.catalog();
    Map<String, Long> now = catalog.serving();
    Set<String> models = new TreeSet<>(serving.keySet());
    models.addAll(now.keySet());
    for (String model : models) {
      Long version = now.get(model);
      if (!Objects.equals(version, serving.get(model))) {
        LOG.atInfo()
            .addKeyValue("model", model)
            .addKeyValue("before", named(serving.get(model)))
            .addKeyValue("serving", named(version))
            .addKeyValue("chosen_by", catalog.pinned(model) ? "operator" : "newest")
            .log("what serves the model has changed");
      }
    }
    serving = now;
  }

  private static String named(Long version) {
    return version == null ? "none" : version.toString();
  }

  void record(ReloadReport report) {
    logProblems();
    logChanges(report);
    logServing();
  }

  private void logChanges(ReloadReport report) {
    if (report.unchanged()) {
      return;
    }
    metrics.reloaded(report);
    for (VersionStatus status : report.loaded()) {
      LOG.info(
          "loaded version {} of '{}' with engine {}: {} rows verified in {} ms",
          status.id().version(),
          status.id().model(),
          status.engine(),
          status.rowsVerified(),
          status.loadMillis());
      if (!status.reason().isEmpty()) {
        LOG.warn(
            "version {} of '{}' is scored by engine {}, since {}",
            status.id().version(),
            status.id().model(),
            status.engine(),
            status.reason());
      }
    }
    for (VersionStatus status : report.refused()) {
      LOG.warn(
          "refused version {} of '{}': {}",
          status.id().version(),
          status.id().model(),
          status.reason());
    }
    for (VersionId id : report.removed()) {
      LOG.info("version {} of '{}' is gone", id.version(), id.model());
    }
  }

  @Override
  public void close() {
    thread.close();
  }
}
