package org.pillion.server.limits;

import org.pillion.server.errors.RequestException;

/**
 * Counts the requests in flight, and the bytes that arrived of their bodies, against a limit each.
 *
 * <p>Every count goes through a {@link Place}, which gives everything back exactly once, whatever
 * ends the request.
 */
final class Admission {
  private final int maxRequests;
  private final long maxBytes;
  private int requests;
  private long bytes;

  /**
   * An admission without requests.
   *
   * @param maxRequests most requests in flight
   * @param maxBytes most bytes of their bodies together
   */
  Admission(int maxRequests, long maxBytes) {
    this.maxRequests = maxRequests;
    this.maxBytes = maxBytes;
  }

  /**
   * Takes a place.
   *
   * @throws RequestException when every place is taken
   */
  synchronized Place acquire() {
    if (requests >= maxRequests) {
      throw RequestException.saturated(
          "as many requests are in flight as may be: %d (--max-in-flight)".formatted(maxRequests));
    }
    return acquireBeyond();
  }

  /** Takes a place beside the limit, for a request that needs no worker. */
  synchronized Place acquireBeyond() {
    requests++;
    return new Place();
  }

  /** Requests in flight. */
  synchronized int requests() {
    return requests;
  }

  /** Bytes that arrived of the requests in flight. */
  synchronized long bytes() {
    return bytes;
  }

  /** One request's share of what is counted. */
  final class Place {
    private long held;
    private boolean released;

    /**
     * Counts bytes that arrived; none after the release.
     *
     * @throws RequestException when they are more than still fit, and then counts none of them
     */
    void grow(long more) {
      synchronized (Admission.this) {
        if (released) {
          return;
        }
        if (more > maxBytes - bytes) {
          throw RequestException.saturated(
              "the bodies in flight have as many bytes as may be: %d (a part of the heap)"
                  .formatted(maxBytes));
        }
        bytes += more;
        held += more;
      }
    }

    /** Gives back the place and its bytes; only the first call does. */
    void release() {
      synchronized (Admission.this) {
        if (!released) {
          released = true;
          requests--;
          bytes -= held;
        }
      }
    }
  }
}
