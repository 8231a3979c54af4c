package org.pillion.server.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.spi.context.storage.ContextLocal;
import java.util.Optional;

/** The name of the caller of a request, once it is known; it is kept with the request. */
public final class Caller {
  private static final ContextLocal<String> NAME = ContextLocal.registerLocal(String.class);

  private Caller() {}

  /** Makes room for the name in requests; to be called before Vert.x is made. */
  public static void register() {
    // Loading the class does it.
  }

  /** Notes whose request it is. */
  public static void note(HttpServerRequest request, String name) {
    NAME.put(((HttpServerRequestInternal) request).context(), name);
  }

  /** Whose request the current context of the event loop handles; empty where nobody asked. */
  public static Optional<String> current() {
    Context context = Vertx.currentContext();
    return Optional.ofNullable(context == null ? null : NAME.get(context));
  }

  /** Whose request it is; empty where nobody asked. */
  static Optional<String> of(HttpServerRequest request) {
    return Optional.ofNullable(NAME.get(((HttpServerRequestInternal) request).context()));
  }
}
