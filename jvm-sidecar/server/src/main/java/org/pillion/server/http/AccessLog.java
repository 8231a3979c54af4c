package org.pillion.server.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.pillion.server.text.Truncated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** Logs a line per request with its id and trace; without {@code --access-log} only failures. */
public final class AccessLog {
  static final String REQUEST_ID = "X-Request-Id";
  static final String TRACE_PARENT = "traceparent";

  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final int FAILURE = 500;
  private static final int UNAVAILABLE = 503;
  private static final Pattern ID = Pattern.compile("[\\x21-\\x7e]{1,128}");

  /** W3C Trace Context, any version but the forbidden one. */
  private static final Pattern TRACE =
      Pattern.compile(
          "(?!ff)[0-9a-f]{2}-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-[0-9a-f]{2}(-.*)?");

  private final boolean all;

  /** A log of all requests, or of failures only. */
  public AccessLog(boolean all) {
    this.all = all;
  }

  /** Adds a request id to a response that reports an internal failure. */
  public void answering(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    boolean named = response.headers().contains(REQUEST_ID);
    if (isFailure(response) && !named) {
      response.putHeader(REQUEST_ID, "%016x".formatted(ThreadLocalRandom.current().nextLong()));
    }
  }

  public void answered(HttpServerRequest request, long nanos) {
    HttpServerResponse response = request.response();
    boolean failure = isFailure(response);
    if (!all && !failure) {
      return;
    }
    LoggingEventBuilder line =
        LOG.atLevel(failure ? Level.WARN : Level.INFO)
            .addKeyValue("method", request.method().name())
            .addKeyValue("path", Truncated.of(request.path()))
            .addKeyValue("status", response.getStatusCode())
            .addKeyValue("duration_us", nanos / 1_000);
    String id = id(request);
    if (id != null) {
      line = line.addKeyValue("request_id", id);
    }
    Optional<String> caller = Caller.of(request);
    if (caller.isPresent()) {
      line = line.addKeyValue("caller", caller.get());
    }
    String parent = request.getHeader(TRACE_PARENT);
    Matcher trace = TRACE.matcher(parent == null ? "" : parent);
    if (trace.matches()) {
      line = line.addKeyValue("trace_id", trace.group(1)).addKeyValue("span_id", trace.group(2));
    }
    line.log("answered");
  }

  /** Logs a connection that ended before its first request. */
  public void refused(String reason) {
    if (all) {
      LOG.atInfo().addKeyValue("reason", reason).log("refused a connection");
    }
  }

  private static boolean isFailure(HttpServerResponse response) {
    return response.getStatusCode() >= FAILURE && response.getStatusCode() < UNAVAILABLE;
  }

  private static String id(HttpServerRequest request) {
    String given = request.getHeader(REQUEST_ID);
    if (given != null && ID.matcher(given).matches()) {
      return given;
    }
    return request.response().headers().get(REQUEST_ID);
  }
}
