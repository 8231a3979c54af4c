package org.pillion.server.access;

import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/**
 * Lets in who shows the operators' token.
 *
 * @param token what every request has to show
 */
public record OperatorAccess(BearerToken token) implements Access {
  static final String OPERATOR = "operator";

  @Override
  public Optional<String> caller(HttpServerRequest request) {
    if (!token.accepts(request.getHeader(Unauthenticated.HEADER))) {
      throw Unauthenticated.because(
          "the operators' address needs the header 'Authorization: Bearer TOKEN'");
    }
    return Optional.of(OPERATOR);
  }
}
