package org.pillion.server.errors;

import java.util.Map;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.NotExplained;
import org.pillion.scoring.ScoringException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request that is answered with an error: its kind, sentence and headers. */
public final class RequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RequestException.class);

  /** The kind of error, with its status over HTTP and over gRPC. */
  public enum Kind {
    INVALID(400, 3),
    UNAUTHENTICATED(401, 16),
    DENIED(403, 7),
    NOT_FOUND(404, 5),
    METHOD_NOT_ALLOWED(405, 12),
    CONFLICT(409, 9),
    TOO_LARGE(413, 8),
    UNSUPPORTED_ENCODING(415, 12),
    INTERNAL(500, 13),
    UNIMPLEMENTED(501, 12),
    UNAVAILABLE(503, 14),
    TOO_LATE(504, 4);

    private final int http;
    private final int grpc;

    Kind(int http, int grpc) {
      this.http = http;
      this.grpc = grpc;
    }

    /** The status code of HTTP. */
    public int http() {
      return http;
    }

    /** The status code of gRPC. */
    public int grpc() {
      return grpc;
    }
  }

  private final Kind kind;
  private final transient Map<String, String> headers;

  public RequestException(Kind kind, String sentence) {
    this(kind, sentence, Map.of());
  }

  public RequestException(Kind kind, String sentence, Map<String, String> headers) {
    super(sentence, null, false, false);
    this.kind = kind;
    this.headers = headers;
  }

  /** The error of a request that could not be scored. */
  private static RequestException of(ScoringException e) {
    if (e instanceof InvalidInput || e instanceof NotExplained) {
      return new RequestException(Kind.INVALID, e.getMessage());
    }
    return new RequestException(e.retryable() ? Kind.UNAVAILABLE : Kind.INTERNAL, e.getMessage());
  }

  /** The error of a request that threw; unexpected exceptions are logged. */
  public static RequestException from(Throwable e) {
    if (e instanceof RequestException failure) {
      return failure;
    }
    if (e instanceof ScoringException scoring) {
      return of(scoring);
    }
    LOG.error("unexpected failure", e);
    return new RequestException(Kind.INTERNAL, "the sidecar failed unexpectedly; see its log");
  }

  /** The path has other methods than the request's: HEAD wherever there is GET. */
  public static RequestException methodNotAllowed(String allowed) {
    return new RequestException(
        Kind.METHOD_NOT_ALLOWED,
        "only " + allowed + " is allowed for this path",
        Map.of("Allow", allowed.replaceFirst("^GET\\b", "GET, HEAD")));
  }

  /** The queue of waiting requests is full. */
  public static RequestException queueFull() {
    return saturated("the queue of waiting requests is full");
  }

  /** A limit of the load is met; the sentence says which. */
  public static RequestException saturated(String sentence) {
    return new RequestException(Kind.UNAVAILABLE, sentence, Map.of("Retry-After", "1"));
  }

  public Kind kind() {
    return kind;
  }

  public Map<String, String> headers() {
    return headers;
  }
}
