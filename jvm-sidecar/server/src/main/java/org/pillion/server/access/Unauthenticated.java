package org.pillion.server.access;

import java.util.Map;
import org.pillion.server.errors.RequestException;

/** The failure of a request that does not show who makes it. */
final class Unauthenticated {
  static final String HEADER = "Authorization";

  private Unauthenticated() {}

  static RequestException because(String sentence) {
    return new RequestException(
        RequestException.Kind.UNAUTHENTICATED, sentence, Map.of("WWW-Authenticate", "Bearer"));
  }
}
