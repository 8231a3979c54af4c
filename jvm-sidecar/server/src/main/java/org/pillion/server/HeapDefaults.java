package org.pillion.server;

import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/** Limits that follow from the heap where nobody sets them. */
final class HeapDefaults {
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;

  private static final Map<String, LongUnaryOperator> LIMITS =
      Map.of(
          "--request-memory",
          heap -> heap / 2,
          StoreOptions.ITEM_MEMORY,
          heap -> heap / 8 * 3,
          "--max-body",
          heap -> Math.min(64 * MIB, heap / 16),
          "--max-rows",
          heap -> Math.min(100_000, heap / (4 * KIB)),
          "--max-in-flight",
          heap -> Math.min(1_024, heap / (256 * KIB)),
          "--queue",
          heap -> Math.min(256, heap / MIB),
          "--max-connections",
          heap -> Math.min(10_000, heap / (128 * KIB)));

  /** Engines may allocate this part of the heap for the blocks that they score. */
  private static final long BLOCKS_SHARE = 8;

  private static final long LARGEST_BLOCK = 16 * MIB;
  private static final long SMALLEST_BLOCK = MIB;

  /** What the classes, the listeners and a small model need. */
  private static final long SMALLEST_HEAP = 32 * MIB;

  private HeapDefaults() {}

  /** The heap that this process may have, in bytes. */
  static long heap() {
    return Runtime.getRuntime().maxMemory();
  }

  /** The default of an option; empty where it does not follow from the heap. */
  static Optional<Long> of(String option, long heap) {
    return Optional.ofNullable(LIMITS.get(option)).map(limit -> limit.applyAsLong(heap));
  }

  /** What an engine may allocate for a block of rows, in bytes. */
  static long blockBytes(long heap, int workers) {
    return Math.max(SMALLEST_BLOCK, Math.min(LARGEST_BLOCK, heap / BLOCKS_SHARE / workers));
  }

  /**
   * Checks that the sidecar fits into the heap.
   *
   * @throws StartException when it does not
   */
  static void requireEnough(long heap) throws StartException {
    if (heap < SMALLEST_HEAP) {
      throw new StartException(
          "the heap of %d MiB is too small: the sidecar needs %d MiB beside its models; set -Xmx"
              .formatted(heap / MIB, SMALLEST_HEAP / MIB));
    }
  }

  /** The sentence about models that don't fit into the heap. */
  static StartException tooSmall(long heap) {
    return new StartException(
        "the heap of %d MiB is too small for the models of the repository; set -Xmx higher"
            .formatted(heap / MIB));
  }
}
