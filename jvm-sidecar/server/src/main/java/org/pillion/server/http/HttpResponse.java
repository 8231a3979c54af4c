package org.pillion.server.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.pillion.server.inference.RequestException;

/**
 * A response.
 *
 * @param status HTTP status
 * @param contentType media type of the body
 * @param body the body's bytes
 * @param headers further headers
 */
record HttpResponse(int status, String contentType, byte[] body, Map<String, String> headers) {
  static final String JSON = "application/json";

  /** JSON followed by the bytes of tensors. */
  static HttpResponse binary(byte[] json, List<byte[]> tensors) {
    int length = json.length;
    for (byte[] tensor : tensors) {
      length = Math.addExact(length, tensor.length);
    }
    ByteBuffer body = ByteBuffer.allocate(length).put(json);
    tensors.forEach(body::put);
    return new HttpResponse(
        200,
        "application/octet-stream",
        body.array(),
        Map.of(InferBody.HEADER, Integer.toString(json.length)));
  }

  static HttpResponse json(int status, byte[] body) {
    return new HttpResponse(status, JSON, body, Map.of());
  }

  /** The text that Prometheus reads. */
  static HttpResponse text(String metrics) {
    return new HttpResponse(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        metrics.getBytes(StandardCharsets.UTF_8),
        Map.of());
  }

  static HttpResponse of(RequestException failure) {
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
  void send(HttpServerRequest request) {
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
