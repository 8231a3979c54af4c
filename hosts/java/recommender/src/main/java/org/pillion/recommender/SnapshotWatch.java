package org.pillion.recommender;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.pillion.features.HostStore;
import org.pillion.features.StoreException;

/** Looks for another snapshot from time to time, on a thread of its own. */
final class SnapshotWatch implements AutoCloseable {
  private static final Logger LOG = System.getLogger("org.pillion.recommender");

  private final HostStore store;
  private String problem = "";
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread refresh = new Thread(task, "pillion-snapshot");
            refresh.setDaemon(true);
            return refresh;
          });

  SnapshotWatch(HostStore store) {
    this.store = store;
  }

  /**
   * Looks once on the calling thread, then again and again. Where the store does not answer at the
   * start, the snapshot that it keeps serves until it does.
   *
   * @param pause the time between two looks
   */
  void start(Duration pause) {
    look();
    if (store.snapshot().isEmpty()) {
      restore();
    }
    thread.scheduleWithFixedDelay(
        this::look, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What was read goes on serving, whatever a look ends with; a failure is logged once. */
  private void look() {
    try {
      if (store.look()) {
        LOG.log(
            Level.INFO,
            "using feature version {0}",
            Long.toString(store.snapshot().orElseThrow().version()));
      }
      problem = "";
    } catch (StoreException | RuntimeException e) {
      if (!e.toString().equals(problem)) {
        problem = e.toString();
        LOG.log(Level.WARNING, "no other snapshot: {0}", e.getMessage());
      }
    }
  }

  private void restore() {
    try {
      if (store.restore()) {
        LOG.log(Level.WARNING, "answering from the snapshot that was kept until the store answers");
      }
    } catch (StoreException | RuntimeException e) {
      LOG.log(Level.WARNING, "the snapshot cannot be used: {0}", e.getMessage());
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
