package org.pillion.embedded;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.ReloadReport;

/** Looks at the model repository from time to time, on a thread of its own. */
final class ModelWatch implements AutoCloseable {
  private static final Logger LOG = System.getLogger("org.pillion.embedded");

  private final ModelRepository repository;
  private final Consumer<ReloadReport> listener;
  private String failure = "";
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread watch = new Thread(task, "pillion-model-watch");
            watch.setDaemon(true);
            return watch;
          });

  /**
   * A watch that has not looked yet.
   *
   * @param listener told of every change, on the thread that looked
   */
  ModelWatch(ModelRepository repository, Consumer<ReloadReport> listener) {
    this.repository = repository;
    this.listener = listener;
  }

  /** Looks once, on the calling thread. */
  void look() throws IOException {
    ReloadReport report = repository.reload();
    if (!report.unchanged()) {
      log(report);
      listener.accept(report);
    }
  }

  /**
   * Looks again and again.
   *
   * @param poll the pause between two looks; zero for never
   */
  void start(Duration poll) {
    if (!poll.isZero()) {
      thread.scheduleWithFixedDelay(
          this::poll, poll.toMillis(), poll.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** What was loaded goes on serving, whatever a look ends with; a failure is logged once. */
  private void poll() {
    try {
      look();
      failure = "";
    } catch (IOException | RuntimeException e) {
      if (!e.toString().equals(failure)) {
        failure = e.toString();
        LOG.log(
            Level.WARNING,
            "the look at the model repository failed; what was loaded goes on serving",
            e);
      }
    }
  }

  private static void log(ReloadReport report) {
    report
        .loaded()
        .forEach(
            status ->
                LOG.log(
                    Level.INFO,
                    "loaded version %d of '%s': %d rows verified in %d ms"
                        .formatted(
                            status.id().version(),
                            status.id().model(),
                            status.rowsVerified(),
                            status.loadMillis())));
    report
        .refused()
        .forEach(
            status ->
                LOG.log(
                    Level.WARNING,
                    "refused version %d of '%s': %s"
                        .formatted(status.id().version(), status.id().model(), status.reason())));
    report
        .removed()
        .forEach(
            id ->
                LOG.log(
                    Level.INFO, "version %d of '%s' is gone".formatted(id.version(), id.model())));
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
