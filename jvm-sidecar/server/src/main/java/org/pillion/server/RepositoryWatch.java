package org.pillion.server;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.ReloadReport;
import org.pillion.registry.VersionId;
import org.pillion.registry.VersionStatus;
import org.pillion.server.inference.Metrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the repository at the start, then polls it on a thread of its own. */
final class RepositoryWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RepositoryWatch.class);

  private final ModelRepository repository;
  private final Metrics metrics;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread watch = new Thread(task, "repository-watch");
            watch.setDaemon(true);
            return watch;
          });

  RepositoryWatch(ModelRepository repository, Metrics metrics) {
    this.repository = repository;
    this.metrics = metrics;
  }

  void load() throws IOException {
    record(repository.load());
  }

  void start(Duration poll) {
    if (!poll.isZero()) {
      thread.scheduleWithFixedDelay(
          this::poll, poll.toMillis(), poll.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void poll() {
    try {
      record(repository.reload());
    } catch (IOException | RuntimeException e) {
      metrics.reloadFailed();
      LOG.warn("the model repository cannot be read; what was loaded goes on serving", e);
    }
  }

  void record(ReloadReport report) {
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
    thread.shutdownNow();
  }
}
