package org.pillion.server.access;

import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.pillion.server.errors.RequestException;

/**
 * Lets in hosts with a certificate that the handshake has verified, or with a token; operators with
 * theirs, since they deploy by Openscoring's routes; and probes of health without either.
 *
 * @param tokens the hosts' tokens as they are now; empty where none are configured
 * @param byCertificate whether the handshake asks for certificates
 * @param operators the operators' token as it is now, if there is one
 */
record HostAccess(
    Optional<Supplier<HostTokens>> tokens,
    boolean byCertificate,
    Optional<Supplier<BearerToken>> operators)
    implements Access {
  private static final Set<String> PROBES =
      Set.of(
          "/v2/health/live",
          "/v2/health/ready",
          "/grpc.health.v1.Health/Check",
          "/grpc.health.v1.Health/Watch");

  @Override
  public Optional<String> caller(HttpServerRequest request) {
    Optional<String> certified =
        byCertificate ? ClientCertificate.subject(request) : Optional.empty();
    if (certified.isPresent()) {
      return certified;
    }
    String header = request.getHeader(Unauthenticated.HEADER);
    Optional<String> shown = BearerToken.shown(header);
    Optional<String> holder =
        shown.flatMap(secret -> tokens.flatMap(now -> now.get().holder(secret)));
    if (holder.isPresent()) {
      return holder;
    }
    if (operators.isPresent() && operators.get().get().accepts(header)) {
      return Optional.of(OperatorAccess.OPERATOR);
    }
    if (PROBES.contains(request.path())) {
      return Optional.empty();
    }
    throw refusal(shown.isPresent());
  }

  private RequestException refusal(boolean withToken) {
    String token = "the header 'Authorization: Bearer TOKEN'";
    String certificate = "a client certificate";
    String need =
        tokens.isEmpty() ? certificate : byCertificate ? token + " or " + certificate : token;
    return Unauthenticated.because(
        withToken && tokens.isPresent()
            ? "the token is none of those that are let in: " + need + " is needed"
            : need + " is needed");
  }
}
