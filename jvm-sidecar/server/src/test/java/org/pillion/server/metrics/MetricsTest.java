package org.pillion.server.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.pillion.registry.VersionId;

/** Series come and go with their versions, while they are read. */
final class MetricsTest {
  private static final VersionId VERSION = new VersionId("ranker", 1);
  private static final int ROUNDS = 5_000;

  @Test
  void series_thatGoAndComeAgainWhileTheyAreRead_areReadOnce_andStay() throws Exception {
    Metrics metrics = new Metrics(new LiveVersions());
    // With all of its metrics a scrape takes long enough to meet the other thread.
    metrics.watchProcess();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<?> reloads =
          thread.submit(
              () -> {
                for (int round = 0; round < ROUNDS; round++) {
                  metrics.forget(VERSION);
                  metrics.statistics(VERSION);
                }
              });
      while (!reloads.isDone()) {
        metrics.scrape();
      }
      reloads.get();
    } finally {
      thread.shutdownNow();
    }

    long counts =
        metrics.scrape().lines().filter(line -> line.contains("duration_seconds_count{")).count();
    assertEquals(VersionStatistics.Part.values().length, counts);
  }
}
