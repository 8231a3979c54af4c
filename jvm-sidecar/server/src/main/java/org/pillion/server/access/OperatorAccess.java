package org.pillion.server.access;

import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Lets in who shows the operators' token; their names are those of their certificates, if any.
 *
 * @param token what every request has to show, as it is now
 */
public record OperatorAccess(Supplier<BearerToken> token) implements Access {
  /** The name of an operator without a certificate. */
  public static final String OPERATOR = "operator";

  @Override
  public Optional<String> caller(HttpServerRequest request) {
    if (!token.get().accepts(request.getHeader(Unauthenticated.HEADER))) {
      throw Unauthenticated.because(
          "the operators' address needs the header 'Authorization: Bearer TOKEN'");
    }
    return ClientCertificate.subject(request).or(() -> Optional.of(OPERATOR));
  }
}
