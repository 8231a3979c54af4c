package org.pillion.server.access;

import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import org.pillion.server.errors.RequestException;

/** Who is let in at an address. */
public interface Access {
  /**
   * The name of the caller, for the log; empty for one that need not be known.
   *
   * @throws RequestException with UNAUTHENTICATED, saying what the caller has to show
   */
  Optional<String> caller(HttpServerRequest request);
}
