package org.pillion.server.watch;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A thread that looks at something again and again; it does not keep the JVM alive. */
public final class WatchThread implements AutoCloseable {
  private final ScheduledExecutorService executor;

  /** A thread that does not look yet. */
  public WatchThread(String name) {
    executor =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Looks from now on.
   *
   * @param look not done again once it throws
   * @param delay time before the first look
   * @param pause time between looks
   */
  public void start(Runnable look, Duration delay, Duration pause) {
    executor.scheduleWithFixedDelay(
        look, delay.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }
}
