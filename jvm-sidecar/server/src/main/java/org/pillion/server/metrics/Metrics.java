package org.pillion.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.search.Search;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.pillion.features.FeatureVersions;
import org.pillion.registry.FolderProblem;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.ReloadReport;
import org.pillion.registry.VersionId;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Scorer;

/** Counters and timers for Prometheus. No label value is a caller's text. */
public final class Metrics {
  private static final Tags NO_VERSION = Tags.of("model", "", "version", "");

  private static final Duration[] BUCKETS = {
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private final Map<VersionId, ContentCounts> contents = new ConcurrentHashMap<>();
  private final Map<VersionId, VersionStatistics> statistics = new ConcurrentHashMap<>();
  private final Map<VersionId, Gauge> servings = new ConcurrentHashMap<>();

  private final LiveVersions live;

  /**
   * A series that is removed while it is registered again, or while all are read, can be lost for
   * good or read twice: removals take the write lock, whatever else touches the registry the other.
   */
  private final ReadWriteLock removals = new ReentrantReadWriteLock();

  private volatile Predicate<VersionId> serving = id -> false;

  /** Listens to the collector as long as it is referenced. */
  private final JvmGcMetrics collections = new JvmGcMetrics();

  /** Metrics that have series of the versions that are live. */
  public Metrics(LiveVersions live) {
    this.live = live;
  }

  /** Watches the process: memory, threads, the collector, processors. */
  public void watchProcess() {
    collections.bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  public void watchInFlight(IntSupplier requests) {
    Gauge.builder("pillion.requests.under.way", requests::getAsInt)
        .description("Requests between their head and their answer")
        .register(registry);
  }

  /** Watches how many of the repository's folders are no version, or cannot be read. */
  public void watchProblems(Supplier<List<FolderProblem>> problems) {
    for (FolderProblem.Kind kind : FolderProblem.Kind.values()) {
      Gauge.builder(
              "pillion.repository.problems",
              () -> problems.get().stream().filter(problem -> problem.kind() == kind).count())
          .description("Folders of the repository that are no version or cannot be read")
          .tags("kind", kind.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
  }

  /** Says of each version that is loaded from now on whether it serves its model. */
  public void watchServing(Predicate<VersionId> serves) {
    serving = serves;
  }

  /** Watches the items of feature versions. */
  public FeatureMetrics watchFeatures(FeatureVersions versions) {
    return new FeatureMetrics(versions, registry);
  }

  /** Watches when the first of the server's own certificates expires, in seconds since 1970. */
  public void watchCertificate(LongSupplier expiry) {
    Gauge.builder("pillion.tls.certificate.expiry.timestamp", expiry::getAsLong)
        .description("When the certificate that the sidecar shows expires, in seconds since 1970")
        .baseUnit("seconds")
        .register(registry);
  }

  /** Watches whether the files of a credential, as they are now, are in force. */
  public void watchCredential(String name, BooleanSupplier stale) {
    Gauge.builder("pillion.credentials.stale", () -> stale.getAsBoolean() ? 1 : 0)
        .description("Whether files changed to what cannot be used, and what was stays in force")
        .tags("credential", name)
        .register(registry);
  }

  /** Counts a connection that ended in its TLS handshake. */
  public void handshakeFailed() {
    Counter.builder("pillion.tls.handshake.failures")
        .description("Connections that ended in their TLS handshake")
        .register(registry)
        .increment();
  }

  public void watchQueue(IntSupplier length) {
    Gauge.builder("pillion.queue.length", length::getAsInt)
        .description("Requests that wait for a worker")
        .register(registry);
  }

  /**
   * Counts an answered request.
   *
   * @param route kind of request, in our own words
   * @param model the version that it was for, or null where there is none
   */
  public void answered(String route, ModelVersion model, int status, long nanos) {
    Tags tags = (model == null ? NO_VERSION : tags(model.id())).and("route", route);
    kept(() ->
            Counter.builder("pillion.requests")
                .description("Answered requests")
                .tags(tags.and("status", Integer.toString(status)))
                .register(registry))
        .increment();
    kept(() ->
            Timer.builder("pillion.request.duration")
                .description("Time from a request's head to its answer")
                .tags(tags)
                .serviceLevelObjectives(BUCKETS)
                .register(registry))
        .record(nanos, TimeUnit.NANOSECONDS);
    if (model != null) {
      forgetUnlessLive(model.id());
    }
  }

  /** What is registered or read while nothing is removed. */
  private <T> T kept(Supplier<T> meters) {
    removals.readLock().lock();
    try {
      return meters.get();
    } finally {
      removals.readLock().unlock();
    }
  }

  private static Tags tags(VersionId id) {
    return Tags.of("model", id.model(), "version", Long.toString(id.version()));
  }

  /**
   * Counts scored rows.
   *
   * @param errors how many of the rows could not be
   */
  public void scored(ModelVersion model, CandidateBatch batch, int errors) {
    Scorer scorer = model.scorer();
    ContentCounts counts = contents.get(model.id());
    if (counts == null || !counts.areOf(scorer)) {
      counts = kept(() -> new ContentCounts(scorer, tags(model.id()), registry));
      contents.put(model.id(), counts);
    }
    counts.count(batch, errors);
    forgetUnlessLive(model.id());
  }

  /** Counts an answered request of a version, and where its time went. */
  public void succeeded(VersionId id, int rows, Timings timings, long outputNanos) {
    statistics(id).succeeded(rows, timings, outputNanos);
    forgetUnlessLive(id);
  }

  /** Counts a request that a version was asked and that was answered with an error. */
  public void failed(VersionId id, long nanos) {
    statistics(id).failed(nanos);
    forgetUnlessLive(id);
  }

  /** A version's statistics; zeros for a version without requests. */
  public VersionStatistics statistics(VersionId id) {
    VersionStatistics known = statistics.get(id);
    return known != null
        ? known
        : kept(
            () -> statistics.computeIfAbsent(id, of -> new VersionStatistics(tags(of), registry)));
  }

  /** Drops every series of a version that is gone. */
  public void forget(VersionId id) {
    remove(id, tag -> true);
    contents.remove(id);
    statistics.remove(id);
    servings.remove(id);
  }

  /** A request may end after its version has gone. */
  private void forgetUnlessLive(VersionId id) {
    if (!live.contains(id)) {
      forget(id);
    }
  }

  /** Drops the series of a version's former content, which may have had other fields. */
  public void replaced(VersionId id) {
    if (contents.containsKey(id)) {
      remove(id, tag -> tag.getKey().equals("field") || tag.getKey().equals("engine"));
      // Last, so that nobody goes on counting with what was removed.
      contents.remove(id);
    }
  }

  private void remove(VersionId id, Predicate<Tag> tagged) {
    removals.writeLock().lock();
    try {
      Search.in(registry).tags(tags(id)).meters().stream()
          .filter(meter -> meter.getId().getTags().stream().anyMatch(tagged))
          .forEach(registry::remove);
    } finally {
      removals.writeLock().unlock();
    }
  }

  public void reloaded(ReloadReport report) {
    reloads("loaded").increment(report.loaded().size());
    report.loaded().stream()
        .filter(status -> !status.reason().isEmpty())
        .forEach(status -> fallbacks(status.engine()).increment());
    reloads("refused").increment(report.refused().size());
    reloads("removed").increment(report.removed().size());
    report.loaded().forEach(status -> replaced(status.id()));
    report
        .loaded()
        .forEach(status -> kept(() -> servings.computeIfAbsent(status.id(), this::serving)));
    report.removed().forEach(this::forget);
  }

  private Gauge serving(VersionId id) {
    return Gauge.builder("pillion.serving.version", () -> serving.test(id) ? 1 : 0)
        .description("1 for the version that serves its model, 0 for others that can")
        .tags(tags(id))
        .register(registry);
  }

  private Counter fallbacks(String engine) {
    return Counter.builder("pillion.engine.fallbacks")
        .description("Versions that a faster engine had to pass on, by the engine that took them")
        .tags("engine", engine)
        .register(registry);
  }

  /** Counts an operator's change. */
  public void operated(String action, String outcome) {
    Counter.builder("pillion.operations")
        .description("Changes that operators asked for")
        .tags("action", action, "outcome", outcome)
        .register(registry)
        .increment();
  }

  public void reloadFailed() {
    reloads("failed").increment();
  }

  private Counter reloads(String outcome) {
    return Counter.builder("pillion.reloads")
        .description("Versions looked at, by what became of them")
        .tags("outcome", outcome)
        .register(registry);
  }

  /** All metrics in Prometheus' text format. */
  public String scrape() {
    return kept(registry::scrape);
  }
}
