package org.pillion.server.access;

import io.vertx.core.http.HttpServerRequest;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;

/** The certificate that a client showed in a handshake that verified it. */
final class ClientCertificate {
  private ClientCertificate() {}

  /** Whose certificate the connection of a request has; empty where it has none. */
  static Optional<String> subject(HttpServerRequest request) {
    try {
      List<Certificate> chain = request.connection().peerCertificates();
      return chain == null || chain.isEmpty()
          ? Optional.empty()
          : Optional.of(name((X509Certificate) chain.get(0)));
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  /** The subject of a certificate, or, where it has none, its first alternative name. */
  private static String name(X509Certificate certificate) {
    String subject = certificate.getSubjectX500Principal().getName();
    if (!subject.isEmpty()) {
      return subject;
    }
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null ? "?" : String.valueOf(names.iterator().next().get(1));
    } catch (CertificateParsingException e) {
      return "?";
    }
  }
}
