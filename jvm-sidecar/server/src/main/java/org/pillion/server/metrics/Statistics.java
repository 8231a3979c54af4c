package org.pillion.server.metrics;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.pillion.registry.VersionId;

/** Counts and times per version since the start, for V2's statistics extension. */
public final class Statistics {
  private final Map<VersionId, Entry> entries = new ConcurrentHashMap<>();
  private final LiveVersions live;

  /** Statistics of the versions that are live. */
  public Statistics(LiveVersions live) {
    this.live = live;
  }

  /** Number of events, and their total duration. */
  public record Duration(long count, long nanos) {}

  /**
   * A version's statistics.
   *
   * @param lastMillis when it last answered, in milliseconds since 1970; 0 for never
   * @param rows rows scored
   * @param success answered requests, from their arrival
   * @param fail requests answered with an error after they reached the version
   * @param queue waiting for a worker
   * @param input reading the request
   * @param infer scoring
   * @param output writing the answer
   */
  public record OfVersion(
      VersionId id,
      long lastMillis,
      long rows,
      Duration success,
      Duration fail,
      Duration queue,
      Duration input,
      Duration infer,
      Duration output) {}

  public void succeeded(VersionId id, int rows, Timings timings, long outputNanos) {
    Entry entry = entry(id);
    entry.lastMillis.set(System.currentTimeMillis());
    entry.rows.add(rows);
    entry.success.increment();
    entry.queue.add(timings.queueNanos());
    entry.input.add(timings.parseNanos());
    entry.infer.add(timings.scoreNanos());
    entry.output.add(outputNanos);
    forgetUnlessLive(id);
  }

  public void failed(VersionId id, long nanos) {
    Entry entry = entry(id);
    entry.fail.increment();
    entry.failed.add(nanos);
    forgetUnlessLive(id);
  }

  /** Drops what was counted of a version that is gone. */
  public void forget(VersionId id) {
    entries.remove(id);
  }

  /** A request may end after its version has gone. */
  private void forgetUnlessLive(VersionId id) {
    if (!live.contains(id)) {
      forget(id);
    }
  }

  /** A version's statistics; zeros for a version without requests. */
  public OfVersion of(VersionId id) {
    return Optional.ofNullable(entries.get(id)).orElseGet(Entry::new).read(id);
  }

  /** The statistics of some versions. */
  public List<OfVersion> of(List<VersionId> ids) {
    return ids.stream().map(this::of).toList();
  }

  private Entry entry(VersionId id) {
    return entries.computeIfAbsent(id, key -> new Entry());
  }

  private static final class Entry {
    private final AtomicLong lastMillis = new AtomicLong();
    private final LongAdder rows = new LongAdder();
    private final LongAdder success = new LongAdder();
    private final LongAdder fail = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder queue = new LongAdder();
    private final LongAdder input = new LongAdder();
    private final LongAdder infer = new LongAdder();
    private final LongAdder output = new LongAdder();

    OfVersion read(VersionId id) {
      long count = success.sum();
      long all = queue.sum() + input.sum() + infer.sum() + output.sum();
      return new OfVersion(
          id,
          lastMillis.get(),
          rows.sum(),
          new Duration(count, all),
          new Duration(fail.sum(), failed.sum()),
          new Duration(count, queue.sum()),
          new Duration(count, input.sum()),
          new Duration(count, infer.sum()),
          new Duration(count, output.sum()));
    }
  }
}
