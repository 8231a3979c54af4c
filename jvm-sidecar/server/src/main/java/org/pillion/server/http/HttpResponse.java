package org.pillion.server.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
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
  public static final String JSON = "application/json";

  public static HttpResponse json(int status, byte[] body) {
    return new HttpResponse(status, JSON, body, Map.of());
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
    byte[] body =
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("error", failure.getMessage());
              json.writeEndObject();
            });
    return new HttpResponse(failure.kind().http(), JSON, body, failure.headers());
  }

  /** Answers a request with this. */
  public void send(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    response.setStatusCode(status).putHeader("Content-Type", contentType);
    headers.forEach(response::putHeader);
    if (request.method() == HttpMethod.HEAD) {
      response.putHeader("Content-Length", Integer.toString(body.length)).end();
    } else {
      response.end(Buffer.buffer(body));
    }
  }
}
