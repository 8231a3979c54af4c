package org.pillion.server.http;

import io.vertx.core.http.HttpServerRequest;

/** Handles the requests of one address; called on the event loop. */
public interface RequestHandler {
  /** Handles a request whose headers have arrived. */
  void handle(HttpServerRequest request);

  /** Answers a request that is not valid HTTP, and closes the connection. */
  void refuse(HttpServerRequest request);
}
