package org.pillion.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.pillion.features.FeatureItems;
import org.pillion.features.FeatureVersions;

/** What Prometheus is told of the items of feature versions. */
public final class FeatureMetrics {
  private static final double MILLIS = 1_000;

  private final Counter loaded;
  private final Counter failed;

  FeatureMetrics(FeatureVersions versions, MeterRegistry registry) {
    watch("active", versions::active, registry);
    watch("before", versions::before, registry);
    Gauge.builder("pillion.items.stale", () -> versions.problem().isPresent() ? 1 : 0)
        .description("Whether the last look at the feature store failed, and what was there serves")
        .register(registry);
    loaded = looks("loaded", registry);
    failed = looks("failed", registry);
  }

  private static Counter looks(String outcome, MeterRegistry registry) {
    return Counter.builder("pillion.items.loads")
        .description("Looks at the feature store that loaded a version, and those that failed")
        .tags("outcome", outcome)
        .register(registry);
  }

  private static void watch(
      String state, Supplier<Optional<FeatureItems>> items, MeterRegistry registry) {
    Gauge.builder("pillion.items.version", () -> of(items, FeatureItems::version))
        .description("The feature version whose items are in memory, 0 for none")
        .tags("state", state)
        .register(registry);
    Gauge.builder("pillion.items.held", () -> of(items, i -> i.table().rows()))
        .description("Items in memory")
        .tags("state", state)
        .register(registry);
    Gauge.builder("pillion.items.bytes", () -> of(items, FeatureItems::bytes))
        .description("What the items take of the heap")
        .tags("state", state)
        .register(registry);
    Gauge.builder("pillion.items.load.duration", () -> of(items, i -> i.loadMillis() / MILLIS))
        .description("How long it took to load the items")
        .baseUnit("seconds")
        .tags("state", state)
        .register(registry);
  }

  private static double of(
      Supplier<Optional<FeatureItems>> items, ToDoubleFunction<FeatureItems> value) {
    return items.get().map(found -> value.applyAsDouble(found)).orElse(0.0);
  }

  /** Counts a version that was loaded. */
  public void loaded() {
    loaded.increment();
  }

  /** Counts a look that failed. */
  public void failed() {
    failed.increment();
  }
}
