package org.pillion.server;

import java.util.Map;

/**
 * What is sent back.
 *
 * @param status HTTP status
 * @param contentType media type of the body
 * @param body the body's bytes
 * @param headers further headers
 */
record Answer(int status, String contentType, byte[] body, Map<String, String> headers) {
  static final String JSON = "application/json";

  static Answer json(int status, byte[] body) {
    return new Answer(status, JSON, body, Map.of());
  }

  static Answer of(HttpFailure failure) {
    byte[] body =
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("error", failure.getMessage());
              json.writeEndObject();
            });
    return new Answer(failure.status(), JSON, body, failure.headers());
  }
}
