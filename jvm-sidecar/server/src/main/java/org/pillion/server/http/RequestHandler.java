package org.pillion.server.http;

import io.vertx.core.http.HttpServerRequest;

/** What answers the requests of one address; called on the event loop. */
public interface RequestHandler {
  /** Handles a request's head. */
  void handle(HttpServerRequest request);

  /** Answers what is not even HTTP, and hangs up. */
  void refuse(HttpServerRequest request);
}
