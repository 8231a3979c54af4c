package org.pillion.server.limits;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.AccessLog;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.metrics.Metrics;

/**
 * Limits the requests and body bytes in flight over all addresses, and at the end waits for the
 * requests that were accepted.
 *
 * <p>Everything but the drain runs on the event loop.
 */
public final class RequestLimiter {
  /** Requests that were sent before the signal arrive within this time after it. */
  private static final long GRACE_MILLIS = 250;

  private static final long POLL_MILLIS = 5;

  /** A caller over HTTP/2 that awaits answers is asked for a sign of life after each such time. */
  private static final long KEEPALIVE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** A caller that gives no sign of life within this time is disconnected. */
  private static final long KEEPALIVE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);

  /** HTTP/2's error code of a stream that is not wanted any more. */
  private static final long CANCEL = 8;

  private static final String READY = "/v2/health/ready";
  private static final String NOT_READY = "{\"live\":true,\"ready\":false}";

  private final Admission admission;
  private final long maxBody;
  private final int maxConnections;
  private final Metrics metrics;
  private final AccessLog log;
  private final Map<HttpConnection, ConnectionState> connections = new ConcurrentHashMap<>();
  private final long patienceNanos;
  private final LongSupplier clock;
  private volatile boolean draining;

  /**
   * A limiter that accepts requests.
   *
   * @param limit maximum number of requests in flight
   * @param maxBody maximum body length of one request, in bytes
   * @param maxBytes maximum memory that the requests in flight take, in bytes
   * @param maxConnections maximum number of open connections
   * @param patience maximum time for a request to arrive, and for its answer to be taken
   * @param clock the time, as {@link System#nanoTime()} tells it
   */
  public RequestLimiter(
      int limit,
      long maxBody,
      long maxBytes,
      int maxConnections,
      Duration patience,
      Metrics metrics,
      AccessLog log,
      LongSupplier clock) {
    this.patienceNanos = patience.toNanos();
    this.clock = clock;
    this.admission = new Admission(limit, maxBytes, clock);
    this.maxBody = maxBody;
    this.maxConnections = maxConnections;
    this.metrics = metrics;
    this.log = log;
    metrics.watchInFlight(admission::requests);
  }

  /** Wraps a handler in this limiter. */
  public RequestHandler around(RequestHandler inner) {
    return new RequestHandler() {
      @Override
      public void handle(HttpServerRequest request) {
        if (draining && READY.equals(request.path())) {
          request
              .response()
              .setStatusCode(503)
              .putHeader("Content-Type", "application/json")
              .end(NOT_READY);
        } else {
          admit(request, inner);
        }
      }

      @Override
      public void refuse(HttpServerRequest request, RequestException failure) {
        metrics.answered("none", null, failure.kind().http(), 0);
        inner.refuse(request, failure);
        request.connection().close();
      }
    };
  }

  /** Counts a connection that did not come about, where its TLS handshake is why. */
  public void refused(Throwable reason) {
    if (reason instanceof SSLException) {
      metrics.handshakeFailed();
      log.refused(reason.getMessage());
    }
  }

  /**
   * Registers a new connection, or closes it where the sidecar is draining or has as many as may
   * be.
   */
  public void connected(HttpConnection connection) {
    if (!draining && connections.size() >= maxConnections) {
      metrics.answered("shed", null, RequestException.Kind.UNAVAILABLE.http(), 0);
      connection.close();
      return;
    }
    if (draining) {
      connection.close();
      return;
    }
    connections.put(connection, new ConnectionState(clock.getAsLong()));
    connection.closeHandler(
        closed -> {
          ConnectionState state = connections.remove(connection);
          if (state != null) {
            state.open.forEach(InFlightRequest::abandon);
          }
        });
  }

  /**
   * Closes connections whose request does not arrive in time; the listener closes connections that
   * are idle between two requests.
   */
  public void sweep() {
    long now = clock.getAsLong();
    connections.forEach(
        (connection, state) -> {
          boolean slowHead = !state.seen && now - state.arrival > patienceNanos;
          if (slowHead) {
            metrics.answered("slow", null, 408, now - state.arrival);
            connection.close();
          }
          for (InFlightRequest inFlight : state.open) {
            if (inFlight.isSlow(now)) {
              metrics.answered("slow", null, 408, now - inFlight.arrival);
              inFlight.abort();
            }
          }
          state.keepAlive(connection, now);
        });
  }

  /** A connection and its requests in flight. */
  private static final class ConnectionState {
    private final long arrival;
    private final Set<InFlightRequest> open = ConcurrentHashMap.newKeySet();
    private volatile boolean seen;
    private long lastPing;
    private boolean isPinged;

    ConnectionState(long arrival) {
      this.arrival = arrival;
      this.lastPing = arrival;
    }

    /** Asks a caller over HTTP/2 that awaits answers for a sign of life, now and then. */
    void keepAlive(HttpConnection connection, long now) {
      if (connection.protocolVersion() != HttpVersion.HTTP_2 || open.isEmpty()) {
        return;
      }
      if (isPinged && now - lastPing > KEEPALIVE_TIMEOUT_NANOS) {
        connection.close();
      } else if (!isPinged && now - lastPing > KEEPALIVE_NANOS) {
        isPinged = true;
        lastPing = now;
        connection.ping(Buffer.buffer(new byte[Long.BYTES])).onSuccess(pong -> isPinged = false);
      }
    }
  }

  private void markSeen(HttpServerRequest request) {
    ConnectionState state = connections.get(request.connection());
    if (state != null) {
      state.seen = true;
    }
  }

  private void admit(HttpServerRequest request, RequestHandler inner) {
    markSeen(request);
    ConnectionState state = connections.get(request.connection());
    InFlightRequest inFlight;
    try {
      inFlight = new InFlightRequest(request, state);
    } catch (RequestException e) {
      metrics.answered("shed", null, e.kind().http(), 0);
      inner.refuse(request, e);
      return;
    }
    HttpServerResponse response = request.response();
    response.headersEndHandler(head -> inFlight.answering());
    response.endHandler(end -> inFlight.answered());
    response.closeHandler(closed -> inFlight.abandon());
    Admission.enter(inFlight.place);
    inner.handle(new MeteredRequest((HttpServerRequestInternal) request, inFlight.place, maxBody));
  }

  /**
   * Waits until every accepted request is answered, and at least the grace time for requests that
   * were already sent. From now on the sidecar is not ready, closes new connections at once, and
   * closes the others after their next response.
   *
   * @return requests that were still in flight at the end
   */
  public int drain(long millis) {
    draining = true;
    long start = System.nanoTime();
    long waited = 0;
    while (waited < millis && (waited < GRACE_MILLIS || admission.requests() > 0)) {
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }
    return admission.requests();
  }

  private final class InFlightRequest {
    private final HttpServerRequest request;
    private final Place place;
    private final ConnectionState state;
    private final long arrival = clock.getAsLong();

    /**
     * Lets a request in.
     *
     * @param state its connection's, or null where that has closed already
     * @throws RequestException when as many are in flight as may be
     */
    InFlightRequest(HttpServerRequest request, ConnectionState state) {
      this.request = request;
      this.state = state;
      this.place =
          request.method() == HttpMethod.POST
              ? admission.acquire(this::forget)
              : admission.acquireBeyond(this::forget);
      if (state != null) {
        state.open.add(this);
      }
    }

    void answering() {
      if (draining && request.version().alpnName().startsWith("http/")) {
        request.response().putHeader("Connection", "close");
      }
      log.answering(request);
    }

    void answered() {
      log.answered(request, clock.getAsLong() - arrival);
      place.release();
      if (draining) {
        request.connection().shutdown(1, TimeUnit.SECONDS);
      }
    }

    /** Ends the request; over HTTP/2 its connection goes on, unless the answer is on its way. */
    void abort() {
      if (request.version() == HttpVersion.HTTP_2 && !request.response().ended()) {
        request.response().reset(CANCEL);
      } else {
        request.connection().close();
      }
      abandon();
    }

    /** Gives back what the request holds: it was reset, or its connection closed. */
    void abandon() {
      place.abandon();
    }

    private void forget() {
      if (state != null) {
        state.open.remove(this);
      }
    }

    /** Whether the request takes too long to arrive, or its caller to take the answer. */
    boolean isSlow(long now) {
      return !request.isEnded() && now - arrival > patienceNanos
          || place.isAnswerOlder(patienceNanos, now);
    }
  }
}
