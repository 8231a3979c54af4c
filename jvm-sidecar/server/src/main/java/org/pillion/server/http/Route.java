package org.pillion.server.http;

import io.vertx.core.http.HttpMethod;
import java.util.Locale;

/** A kind of request that is answered. */
public enum Route {
  SERVER_METADATA(HttpMethod.GET),
  OPENAPI(HttpMethod.GET),
  LIVE(HttpMethod.GET),
  READY(HttpMethod.GET),
  MODEL_METADATA(HttpMethod.GET),
  MODEL_READY(HttpMethod.GET),
  MODEL_STATISTICS(HttpMethod.GET),
  INFER(HttpMethod.POST),
  RANK(HttpMethod.POST),
  OPENSCORING(null),
  METRICS(HttpMethod.GET);

  private final HttpMethod method;

  Route(HttpMethod method) {
    this.method = method;
  }

  /** The one method that is allowed, or null where it depends on the path. */
  public HttpMethod method() {
    return method;
  }

  /** The name in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
