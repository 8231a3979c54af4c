package org.pillion.server;

import java.util.Map;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.ScoringException;

/** A request that is answered with an error: its status, sentence and headers. */
final class HttpFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final transient Map<String, String> headers;

  HttpFailure(int status, String sentence) {
    this(status, sentence, Map.of());
  }

  HttpFailure(int status, String sentence, Map<String, String> headers) {
    super(sentence, null, false, false);
    this.status = status;
    this.headers = headers;
  }

  /** The one place where failures to score become failures of HTTP. */
  static HttpFailure of(ScoringException e) {
    if (e instanceof InvalidInput) {
      return new HttpFailure(400, e.getMessage());
    }
    return new HttpFailure(e.retryable() ? 503 : 500, e.getMessage());
  }

  static HttpFailure busy() {
    return new HttpFailure(
        503, "the queue of waiting requests is full", Map.of("Retry-After", "1"));
  }

  static HttpFailure methodNotAllowed(String allowed) {
    return new HttpFailure(
        405, "only " + allowed + " is allowed for this path", Map.of("Allow", allowed));
  }

  int status() {
    return status;
  }

  Map<String, String> headers() {
    return headers;
  }
}
