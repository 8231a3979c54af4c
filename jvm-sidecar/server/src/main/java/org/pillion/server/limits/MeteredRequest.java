package org.pillion.server.limits;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import org.pillion.server.errors.RequestException;

/**
 * A request whose body is counted as it arrives. A body that does not fit any more reaches the
 * exception handler as a {@link RequestException}; the rest of it is dropped, its end included.
 */
final class MeteredRequest extends HttpServerRequestWrapper {
  private final Place place;
  private final long limit;
  private Handler<Throwable> failure;
  private long counted;
  private boolean refused;

  /**
   * A request whose body has not arrived.
   *
   * @param limit bytes of the body that can be held; what goes beyond is dropped by its reader
   */
  MeteredRequest(HttpServerRequestInternal request, Place place, long limit) {
    super(request);
    this.place = place;
    this.limit = limit;
  }

  @Override
  public HttpServerRequest exceptionHandler(Handler<Throwable> handler) {
    failure = handler;
    super.exceptionHandler(handler);
    return this;
  }

  @Override
  public HttpServerRequest handler(Handler<Buffer> handler) {
    super.handler(handler == null ? null : part -> take(part, handler));
    return this;
  }

  @Override
  public HttpServerRequest endHandler(Handler<Void> handler) {
    super.endHandler(
        handler == null
            ? null
            : end -> {
              if (!refused) {
                handler.handle(end);
              }
            });
    return this;
  }

  private void take(Buffer part, Handler<Buffer> handler) {
    if (refused) {
      return;
    }
    long more = Math.min(part.length(), limit - counted);
    try {
      place.arrived(more);
    } catch (RequestException e) {
      refused = true;
      if (failure != null) {
        failure.handle(e);
      }
      return;
    }
    counted += more;
    handler.handle(part);
  }
}
