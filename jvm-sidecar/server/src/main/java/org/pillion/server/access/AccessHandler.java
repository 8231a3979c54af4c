package org.pillion.server.access;

import io.vertx.core.http.HttpServerRequest;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.Caller;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.metrics.Metrics;

/** Has requests of known callers handled, and refuses the others before their bodies are read. */
public final class AccessHandler implements RequestHandler {
  private static final String ROUTE = "unauthenticated";

  private final Access access;
  private final Metrics metrics;
  private final RequestHandler inner;

  public AccessHandler(Access access, Metrics metrics, RequestHandler inner) {
    this.access = access;
    this.metrics = metrics;
    this.inner = inner;
  }

  @Override
  public void handle(HttpServerRequest request) {
    try {
      access.caller(request).ifPresent(name -> Caller.note(request, name));
    } catch (RequestException e) {
      metrics.answered(ROUTE, null, e.kind().http(), 0);
      inner.refuse(request, e);
      return;
    }
    inner.handle(request);
  }

  @Override
  public void refuse(HttpServerRequest request, RequestException failure) {
    inner.refuse(request, failure);
  }
}
