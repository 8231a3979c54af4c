package org.pillion.features;

import org.pillion.scoring.MemoryBudget;

/** What the items of a version may take of the heap while they are loaded. */
final class ItemMemory implements MemoryBudget {
  private final long limit;
  private long taken;

  ItemMemory(long limit) {
    this.limit = limit;
  }

  /** Thrown where items take more than they may. */
  static final class Exceeded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long needed;

    private Exceeded(long needed) {
      this.needed = needed;
    }

    /** What was needed at least, in bytes. */
    long needed() {
      return needed;
    }
  }

  @Override
  public void take(long bytes) {
    taken += bytes;
    if (taken > limit) {
      throw new Exceeded(taken);
    }
  }

  @Override
  public void giveBack(long bytes) {
    taken -= bytes;
  }
}
