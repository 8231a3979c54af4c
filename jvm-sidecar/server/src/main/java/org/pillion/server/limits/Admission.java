package org.pillion.server.limits;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.spi.context.storage.ContextLocal;
import java.util.function.LongSupplier;
import org.pillion.server.errors.RequestException;

/**
 * Counts the requests in flight, and the memory that they take together, against a limit each.
 *
 * <p>Every count goes through a {@link Place}, which gives everything back exactly once, whatever
 * ends the request.
 */
final class Admission {
  /** One request may take this part of what all of them may. */
  private static final int SHARE_OF_ONE = 2;

  private static final ContextLocal<Place> OF_REQUEST = ContextLocal.registerLocal(Place.class);

  private final int maxRequests;
  private final long maxBytes;
  private final LongSupplier clock;
  private int requests;
  private long bytes;

  /**
   * An admission without requests.
   *
   * @param maxRequests most requests in flight
   * @param maxBytes most bytes of memory that they take together
   * @param clock the time, as {@link System#nanoTime()} tells it
   */
  Admission(int maxRequests, long maxBytes, LongSupplier clock) {
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
    this.clock = clock;
  }

  /** The place of the request that the current context of the event loop handles, or null. */
  static Place current() {
    Context context = Vertx.currentContext();
    return context == null ? null : OF_REQUEST.get(context);
  }

  /**
   * Takes a place.
   *
   * @param whenFree is called once, when the request is over and holds nothing more
   * @throws RequestException when every place is taken
   */
  Place acquire(Runnable whenFree) {
    synchronized (this) {
      if (requests >= maxRequests) {
        throw RequestException.saturated(
            "as many requests are in flight as may be: %d (--max-in-flight)"
                .formatted(maxRequests));
      }
      return acquireBeyond(whenFree);
    }
  }

  /** Takes a place beside the limit, for a request that needs no worker. */
  synchronized Place acquireBeyond(Runnable whenFree) {
    requests++;
    return new Place(this, whenFree);
  }

  /** Makes a place that of the request which the current context handles. */
  static void enter(Place place) {
    Context context = Vertx.currentContext();
    if (context != null) {
      OF_REQUEST.put(context, place);
    }
  }

  long now() {
    return clock.getAsLong();
  }

  /** Requests in flight. */
  synchronized int requests() {
    return requests;
  }

  /** Bytes of memory that the requests in flight take. */
  synchronized long bytes() {
    return bytes;
  }

  /**
   * Counts bytes.
   *
   * @param held what the request has of them already
   * @param body bytes of its body that arrived
   * @throws RequestException when they are more than still fit, and then counts none of them
   */
  synchronized void take(long more, long held, long body) {
    long mostOfOne = maxBytes / SHARE_OF_ONE;
    if (more > mostOfOne - held) {
      throw new RequestException(
          RequestException.Kind.TOO_LARGE,
          ("the request takes more memory than one may: its body of %d bytes, its columns and its"
                  + " answer take more than %d bytes; send fewer rows at a time, or raise"
                  + " --request-memory, which is %d, or the heap that it follows from (-Xmx)")
              .formatted(body, mostOfOne, maxBytes));
    }
    if (more > maxBytes - bytes) {
      throw RequestException.saturated(
          "the requests in flight take as much memory as they may: %d bytes (--request-memory)"
              .formatted(maxBytes));
    }
    bytes += more;
  }

  synchronized void giveBack(long fewer) {
    bytes -= fewer;
  }

  synchronized void leave() {
    requests--;
  }
}
