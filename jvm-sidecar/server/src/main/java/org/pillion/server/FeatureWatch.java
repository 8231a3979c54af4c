package org.pillion.server;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.pillion.features.FeatureItems;
import org.pillion.features.FeatureVersions;
import org.pillion.features.StoreException;
import org.pillion.server.inference.ItemTables;
import org.pillion.server.metrics.FeatureMetrics;
import org.pillion.server.watch.WatchThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks for feature versions in the store, on a thread of its own. */
final class FeatureWatch implements AutoCloseable {
  private static final double MIB = 1 << 20;
  private static final Logger LOG = LoggerFactory.getLogger(FeatureWatch.class);

  private final FeatureVersions versions;
  private final ItemTables tables;
  private final FeatureMetrics metrics;
  private final CountDownLatch looked = new CountDownLatch(1);
  private String problem = "";
  private final WatchThread thread = new WatchThread("feature-watch");

  /**
   * A watch that does not look yet.
   *
   * @param tables binds a version to the models before requests can name it
   */
  FeatureWatch(FeatureVersions versions, ItemTables tables, FeatureMetrics metrics) {
    this.versions = versions;
    this.tables = tables;
    this.metrics = metrics;
  }

  /**
   * Looks from now on.
   *
   * @param refresh time between looks
   * @param patience how long the end of the first look is waited for
   */
  void start(Duration refresh, Duration patience) {
    thread.start(this::look, Duration.ZERO, refresh);
    try {
      if (!looked.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("the items are still being loaded; until then requests cannot name them");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      Optional<FeatureItems> loaded = versions.look(tables::prepare);
      // Models may have come since.
      versions.active().ifPresent(tables::prepare);
      loaded.ifPresent(this::tell);
      if (!problem.isEmpty()) {
        LOG.info("the feature store is well again: {}", problem);
        problem = "";
      }
    } catch (StoreException e) {
      tell(e.getMessage(), null);
    } catch (RuntimeException e) {
      tell("the look at the feature store failed with " + e, e);
    } finally {
      looked.countDown();
    }
  }

  private void tell(FeatureItems items) {
    metrics.loaded();
    LOG.info(
        "loaded feature version {}: {} items with {} features in {} ms; {} MiB, {} bytes an item",
        items.version(),
        items.table().rows(),
        items.table().columns().size(),
        items.loadMillis(),
        "%.1f".formatted(items.bytes() / MIB),
        items.bytes() / Math.max(1, items.table().rows()));
  }

  /** Logs what is wrong once. */
  private void tell(String sentence, RuntimeException error) {
    metrics.failed();
    if (!sentence.equals(problem)) {
      LOG.warn("no other items: {}", sentence, error);
      problem = sentence;
    }
  }

  @Override
  public void close() {
    thread.close();
    versions.close();
  }
}
