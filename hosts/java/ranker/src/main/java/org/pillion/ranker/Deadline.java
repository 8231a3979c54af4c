package org.pillion.ranker;

import java.time.Duration;
import java.util.function.LongSupplier;

/** The moment by which a call has to be answered. */
public final class Deadline {
  private static final Deadline NONE = new Deadline(() -> 0, Long.MAX_VALUE);

  private final LongSupplier clock;
  private final long end;

  private Deadline(LongSupplier clock, long end) {
    this.clock = clock;
    this.end = end;
  }

  /** So much time from now on; none or less is over already. */
  public static Deadline after(Duration time) {
    return after(time, System::nanoTime);
  }

  /**
   * So much time from now on, by another clock.
   *
   * @param clock nanoseconds since any moment
   */
  public static Deadline after(Duration time, LongSupplier clock) {
    return new Deadline(clock, clock.getAsLong() + time.toNanos());
  }

  /** No limit. */
  public static Deadline none() {
    return NONE;
  }

  /** Whether there is a limit. */
  public boolean isLimited() {
    return this != NONE;
  }

  /** Nanoseconds that are left; negative when it is over, the largest long without a limit. */
  public long remainingNanos() {
    return isLimited() ? end - clock.getAsLong() : Long.MAX_VALUE;
  }

  /**
   * An earlier deadline, so that time is left for what follows.
   *
   * @param reserve how much earlier
   */
  public Deadline less(Duration reserve) {
    return isLimited() ? new Deadline(clock, end - reserve.toNanos()) : this;
  }

  /**
   * Refuses to go on when it is over.
   *
   * @throws DeadlineExceeded when it is
   */
  public void check() {
    long left = remainingNanos();
    if (left <= 0) {
      throw new DeadlineExceeded("the deadline was over %d µs ago".formatted(-left / 1_000));
    }
  }
}
