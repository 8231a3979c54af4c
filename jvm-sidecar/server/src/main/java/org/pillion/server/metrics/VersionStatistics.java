package org.pillion.server.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts and times of one version's requests since the start, for V2's statistics extension. */
public final class VersionStatistics {
  private final Map<Part, Timer> timers = new EnumMap<>(Part.class);
  private final LongAdder rows = new LongAdder();
  private volatile long lastMillis;

  /** What the time of a request was spent on. */
  public enum Part {
    /** Waiting for a worker. */
    QUEUE,
    /** Reading the request. */
    INPUT,
    /** Scoring. */
    INFER,
    /** Writing the answer. */
    OUTPUT,
    /** All of a request that was answered with an error after it reached the version. */
    FAILED
  }

  /** Number of events, and their total duration. */
  public record Duration(long count, long nanos) {}

  VersionStatistics(Tags version, MeterRegistry registry) {
    for (Part part : Part.values()) {
      timers.put(
          part,
          Timer.builder("pillion.inference.duration")
              .description("What the time of requests that reached a version was spent on")
              .tags(version)
              .tag("part", part.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
  }

  void succeeded(int scoredRows, Timings timings, long outputNanos) {
    lastMillis = System.currentTimeMillis();
    rows.add(scoredRows);
    add(Part.QUEUE, timings.queueNanos());
    add(Part.INPUT, timings.parseNanos());
    add(Part.INFER, timings.scoreNanos());
    add(Part.OUTPUT, outputNanos);
  }

  void failed(long nanos) {
    add(Part.FAILED, nanos);
  }

  private void add(Part part, long nanos) {
    timers.get(part).record(nanos, TimeUnit.NANOSECONDS);
  }

  /** When the version last answered, in milliseconds since 1970; 0 for never. */
  public long lastMillis() {
    return lastMillis;
  }

  /** Rows scored by answered requests. */
  public long rows() {
    return rows.sum();
  }

  public Duration of(Part part) {
    Timer timer = timers.get(part);
    return new Duration(timer.count(), (long) timer.totalTime(TimeUnit.NANOSECONDS));
  }

  /** Answered requests, from their arrival. */
  public Duration succeeded() {
    long nanos = 0;
    for (Part part : Part.values()) {
      nanos += part == Part.FAILED ? 0 : of(part).nanos();
    }
    return new Duration(of(Part.OUTPUT).count(), nanos);
  }
}
