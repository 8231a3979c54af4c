package org.pillion.server;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.pillion.server.grpc.GrpcHandler;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.inference.Metrics;

/**
 * Limits the requests and body bytes in flight over all addresses, and at the end waits for the
 * requests that were accepted.
 *
 * <p>Everything but the drain runs on the event loop.
 */
final class RequestLimiter {
  /** Requests that were sent before the signal arrive within this time after it. */
  private static final long GRACE_MILLIS = 250;

  private static final long POLL_MILLIS = 5;
  private static final String SATURATED = "the sidecar has as many requests under way as it may";
  private static final String READY = "/v2/health/ready";
  private static final String NOT_READY = "{\"live\":true,\"ready\":false}";

  private final int limit;
  private final long maxBody;
  private final long maxBytes;
  private final Metrics metrics;
  private final AccessLog log;
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final Map<HttpConnection, ConnectionState> connections = new ConcurrentHashMap<>();
  private final long patienceNanos;
  private volatile boolean draining;

  /**
   * A limiter that accepts requests.
   *
   * @param limit maximum number of requests in flight
   * @param maxBody maximum body length of one request, in bytes
   * @param maxBytes maximum sum of the body lengths in flight, in bytes
   * @param patience maximum time for a request to arrive
   */
  RequestLimiter(
      int limit, long maxBody, long maxBytes, Duration patience, Metrics metrics, AccessLog log) {
    this.patienceNanos = patience.toNanos();
    this.limit = limit;
    this.maxBody = maxBody;
    this.maxBytes = Math.max(maxBytes, maxBody);
    this.metrics = metrics;
    this.log = log;
    metrics.watchInFlight(requests::get);
  }

  /** Wraps a handler in this limiter. */
  RequestHandler around(RequestHandler inner) {
    return new RequestHandler() {
      @Override
      public void handle(HttpServerRequest request) {
        if (draining && READY.equals(request.path())) {
          answer(request, 503, NOT_READY);
        } else {
          admit(request, inner);
        }
      }

      @Override
      public void refuse(HttpServerRequest request) {
        inner.refuse(request);
      }
    };
  }

  /** Registers a new connection, or closes it where the sidecar is draining. */
  void connected(HttpConnection connection) {
    if (draining) {
      connection.close();
      return;
    }
    connections.put(connection, new ConnectionState());
    connection.closeHandler(
        closed -> {
          ConnectionState state = connections.remove(connection);
          if (state != null) {
            state.open.forEach(InFlightRequest::release);
          }
        });
  }

  /**
   * Closes connections whose request does not arrive in time; the listener closes connections that
   * are idle between two requests.
   */
  void sweep() {
    long now = System.nanoTime();
    connections.forEach(
        (connection, state) -> {
          boolean slowHead = !state.seen && now - state.arrival > patienceNanos;
          boolean slowBody =
              state.open.stream()
                  .anyMatch(
                      inFlight ->
                          !inFlight.request.isEnded() && now - inFlight.arrival > patienceNanos);
          if (slowHead || slowBody) {
            metrics.answered("slow", null, 408, now - state.arrival);
            connection.close();
          }
        });
  }

  /** A connection and its requests in flight. */
  private static final class ConnectionState {
    private final long arrival = System.nanoTime();
    private final Set<InFlightRequest> open = ConcurrentHashMap.newKeySet();
    private volatile boolean seen;
  }

  private void markSeen(HttpServerRequest request) {
    ConnectionState state = connections.get(request.connection());
    if (state != null) {
      state.seen = true;
    }
  }

  private void admit(HttpServerRequest request, RequestHandler inner) {
    markSeen(request);
    InFlightRequest inFlight = new InFlightRequest(request, weight(request));
    boolean tooMany = requests.get() > limit || bytes.get() > maxBytes;
    if (tooMany && request.method() == HttpMethod.POST) {
      inFlight.release();
      metrics.answered("shed", null, 503, 0);
      shed(request);
      return;
    }
    ConnectionState state = connections.get(request.connection());
    if (state != null) {
      state.open.add(inFlight);
    }
    HttpServerResponse response = request.response();
    response.headersEndHandler(head -> inFlight.answering());
    response.endHandler(end -> inFlight.answered(state));
    inner.handle(request);
  }

  /** Bytes to count for a request; a body of undeclared length counts as the longest allowed. */
  private long weight(HttpServerRequest request) {
    if (request.method() != HttpMethod.POST) {
      return 0;
    }
    String length = request.getHeader("Content-Length");
    try {
      return length == null ? maxBody : Math.min(maxBody, Long.parseLong(length));
    } catch (NumberFormatException e) {
      return maxBody;
    }
  }

  private static void shed(HttpServerRequest request) {
    if (GrpcHandler.takes(request)) {
      request
          .response()
          .putHeader("Content-Type", "application/grpc")
          .putHeader("grpc-status", "14")
          .putHeader("grpc-message", SATURATED)
          .end();
      return;
    }
    request.response().putHeader("Retry-After", "1");
    answer(request, 503, "{\"error\":\"" + SATURATED + "\"}");
  }

  private static void answer(HttpServerRequest request, int status, String json) {
    request
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(Buffer.buffer(json.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Waits until every accepted request is answered, and at least the grace time for requests that
   * were already sent. From now on the sidecar is not ready, closes new connections at once, and
   * closes the others after their next response.
   *
   * @return requests that were still in flight at the end
   */
  int drain(long millis) {
    draining = true;
    long start = System.nanoTime();
    long waited = 0;
    while (waited < millis && (waited < GRACE_MILLIS || requests.get() > 0)) {
      try {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }
    return requests.get();
  }

  private final class InFlightRequest {
    private final HttpServerRequest request;
    private final long weight;
    private final long arrival = System.nanoTime();
    private boolean released;

    InFlightRequest(HttpServerRequest request, long weight) {
      this.request = request;
      this.weight = weight;
      requests.incrementAndGet();
      bytes.addAndGet(weight);
    }

    void answering() {
      if (draining && request.version().alpnName().startsWith("http/")) {
        request.response().putHeader("Connection", "close");
      }
      log.answering(request);
    }

    void answered(ConnectionState state) {
      log.answered(request, System.nanoTime() - arrival);
      release();
      if (state != null) {
        state.open.remove(this);
      }
      if (draining) {
        request.connection().shutdown(1, TimeUnit.SECONDS);
      }
    }

    void release() {
      if (!released) {
        released = true;
        requests.decrementAndGet();
        bytes.addAndGet(-weight);
      }
    }
  }
}
