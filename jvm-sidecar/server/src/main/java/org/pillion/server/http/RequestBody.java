package org.pillion.server.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.pillion.server.errors.RequestException;

/** Collects a request's body up to a limit; longer bodies are read and discarded. */
public final class RequestBody {
  /** The connection is closed once a body is so many times longer than the limit. */
  private static final int PATIENCE = 4;

  private final HttpServerRequest request;
  private final long limit;
  private Buffer collected = Buffer.buffer();
  private long length;

  private RequestBody(HttpServerRequest request, long limit) {
    this.request = request;
    this.limit = limit;
  }

  /**
   * Passes on the body, or a failure with 413, once the request has ended; or, before, the failure
   * of a body that was not let in.
   *
   * <p>The body is read to its end, since a sender that is answered early may see a connection
   * reset instead of the response.
   */
  public static void collect(
      HttpServerRequest request,
      long limit,
      Consumer<byte[]> body,
      Consumer<RequestException> failure) {
    RequestBody collector = new RequestBody(request, limit);
    request.handler(collector::add);
    request.exceptionHandler(
        e -> {
          if (e instanceof RequestException refusal) {
            failure.accept(refusal);
          }
        });
    request.endHandler(
        end -> {
          if (collector.length > limit) {
            failure.accept(
                new RequestException(
                    RequestException.Kind.TOO_LARGE,
                    "the body is longer than %d bytes: it has %d; see --max-body"
                        .formatted(limit, collector.length)));
          } else {
            body.accept(collector.takeAll());
          }
        });
  }

  /** The body as one array; its parts are not held any more. */
  private byte[] takeAll() {
    byte[] all = collected.getBytes();
    collected = Buffer.buffer();
    return all;
  }

  private void add(Buffer part) {
    length += part.length();
    if (length <= limit) {
      collected.appendBuffer(part);
    } else {
      collected = Buffer.buffer();
      if (length > PATIENCE * limit) {
        request.connection().close();
      }
    }
  }
}
