package org.pillion.server.http;

import io.vertx.core.http.HttpServerRequest;
import org.pillion.server.errors.RequestException;

/** Handles the requests of one address; called on the event loop. */
public interface RequestHandler {
  /** Handles a request whose headers have arrived. */
  void handle(HttpServerRequest request);

  /** Answers a request that is not handled, in the form of the address's protocol. */
  void refuse(HttpServerRequest request, RequestException failure);
}
