package org.pillion.server.limits;

import org.pillion.scoring.MemoryBudget;
import org.pillion.server.errors.RequestException;

/**
 * One request's share of what is counted: a place among those in flight, and bytes of memory.
 *
 * <p>The bytes are given back once the request is over, no worker goes on with it, and its answer
 * is written. One thread at a time takes bytes: the event loop, then a worker.
 */
public final class Place implements MemoryBudget {
  /** Bytes are counted in steps, so that not every text asks for a lock. */
  static final long STEP = 16 << 10;

  private static final long MOST_SPARE = 64 * STEP;

  /** The bytes of a body are there twice: as they arrive, and as one array. */
  private static final int COPIES = 2;

  private final Admission admission;
  private final Runnable whenFree;

  /** What is taken of the bytes held is not this. */
  private long spare;

  private long body;
  private long held;
  private boolean over;
  private boolean worked;
  private boolean written;
  private long answered;
  private boolean free;
  private Runnable whenAbandoned = () -> {};

  Place(Admission admission, Runnable whenFree) {
    this.admission = admission;
    this.whenFree = whenFree;
  }

  /** The place of the request that the current context of the event loop handles. */
  public static Place current() {
    Place place = Admission.current();
    return place == null
        ? new Admission(1, Long.MAX_VALUE, System::nanoTime).acquire(() -> {})
        : place;
  }

  /**
   * Counts bytes of the body that arrived, or that it was unpacked to.
   *
   * @throws RequestException when they do not fit
   */
  public void arrived(long bytes) {
    body += bytes;
    take(COPIES * bytes);
  }

  /**
   * Takes bytes.
   *
   * @throws RequestException with 413 when one request may not have so many, with 503 when those in
   *     flight leave too few or this one is over
   */
  @Override
  public void take(long bytes) {
    if (bytes > spare) {
      grow(bytes - spare);
    }
    spare -= bytes;
  }

  private synchronized void grow(long missing) {
    if (over) {
      throw RequestException.saturated("the request is over");
    }
    long more = Math.addExact(missing, STEP - 1) / STEP * STEP;
    admission.take(more, held, body);
    held += more;
    spare += more;
  }

  @Override
  public void giveBack(long bytes) {
    spare += bytes;
    if (spare > MOST_SPARE) {
      shrink();
    }
  }

  private synchronized void shrink() {
    if (!free) {
      admission.giveBack(spare);
      held -= spare;
      spare = 0;
    }
  }

  /**
   * A worker begins with the request.
   *
   * @return false when it is over already
   */
  public synchronized boolean beginWork() {
    worked = !over;
    return worked;
  }

  /** The worker has ended with the request. */
  public void endWork() {
    synchronized (this) {
      worked = false;
    }
    settle();
  }

  /** An answer begins to be written; it is held until it has been, or its caller is gone. */
  public synchronized void beginAnswer() {
    written = !over;
    answered = admission.now();
  }

  /** Whether an answer is being written for longer than a time, which is its caller's doing. */
  synchronized boolean isAnswerOlder(long nanos, long now) {
    return written && now - answered > nanos;
  }

  /** The answer has been written. */
  public void endAnswer() {
    synchronized (this) {
      written = false;
    }
    settle();
  }

  /** The request was answered: it gives its place back, and its bytes as soon as may be. */
  public void release() {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    admission.leave();
    settle();
  }

  /** Sets what is done on the event loop when the caller is gone. */
  public void whenAbandoned(Runnable action) {
    whenAbandoned = action;
  }

  /** The caller is gone, and its answer with it. */
  public void abandon() {
    release();
    endAnswer();
    whenAbandoned.run();
  }

  private void settle() {
    synchronized (this) {
      if (free || !over || worked || written) {
        return;
      }
      free = true;
      admission.giveBack(held);
    }
    whenFree.run();
  }
}
