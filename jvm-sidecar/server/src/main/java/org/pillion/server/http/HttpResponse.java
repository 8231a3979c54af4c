package org.pillion.server.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.pillion.server.errors.RequestException;

/**
 * A response.
 *
 * @param status HTTP status
 * @param contentType media type of the body
 * @param body the body's bytes
 * @param headers further headers
 */
public record HttpResponse(
    int status, String contentType, byte[] body, Map<String, String> headers) {
  /** A longer body is sent in parts of this length. */
  private static final int PART = 256 << 10;

  public static final String JSON = "application/json";

  public static HttpResponse json(int status, byte[] body) {
    return new HttpResponse(status, JSON, body, Map.of());
  }

  /** A small document. */
  public static HttpResponse json(int status, JsonObject document) {
    return json(status, document.toBuffer().getBytes());
  }

  /** The same with another body. */
  HttpResponse with(byte[] other) {
    return new HttpResponse(status, contentType, other, headers);
  }

  /** The same with further headers. */
  public HttpResponse with(Map<String, String> further) {
    Map<String, String> all = new HashMap<>(headers);
    all.putAll(further);
    return new HttpResponse(status, contentType, body, all);
  }

  /** The text that Prometheus reads. */
  public static HttpResponse text(String metrics) {
    return new HttpResponse(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        metrics.getBytes(StandardCharsets.UTF_8),
        Map.of());
  }

  public static HttpResponse of(RequestException failure) {
    return of(failure, "error");
  }

  /**
   * The response to a request that failed.
   *
   * @param member what has the sentence in the protocol's errors
   */
  public static HttpResponse of(RequestException failure, String member) {
    JsonObject body = new JsonObject().put(member, failure.getMessage());
    return json(failure.kind().http(), body).with(failure.headers());
  }

  /**
   * Answers a request with this.
   *
   * @return is completed once the answer is written, or cannot be
   */
  public Future<Void> send(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    response.setStatusCode(status).putHeader("Content-Type", contentType);
    headers.forEach(response::putHeader);
    if (request.method() == HttpMethod.HEAD) {
      return response.putHeader("Content-Length", Integer.toString(body.length)).end();
    }
    if (body.length <= PART) {
      return response.end(Buffer.buffer(body));
    }
    response.putHeader("Content-Length", Integer.toString(body.length));
    Promise<Void> written = Promise.promise();
    sendFrom(0, response, written);
    return written.future();
  }

  /** Writes a long body as fast as its caller takes it, since every part is copied to be sent. */
  private void sendFrom(int start, HttpServerResponse response, Promise<Void> written) {
    int at = start;
    while (at < body.length && !response.writeQueueFull()) {
      int count = Math.min(PART, body.length - at);
      response.write(Buffer.buffer(count).appendBytes(body, at, count));
      at += count;
    }
    if (at == body.length) {
      // The last part drains once the response has ended, when it takes no call any more.
      response.drainHandler(null);
      response.end().onComplete(written);
    } else {
      int next = at;
      response.drainHandler(ready -> sendFrom(next, response, written));
    }
  }
}
