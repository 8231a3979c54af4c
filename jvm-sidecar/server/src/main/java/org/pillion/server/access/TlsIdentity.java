package org.pillion.server.access;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.X509KeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The certificate and key that a server shows, and the issuers of its clients' certificates. */
public final class TlsIdentity {
  private static final Set<String> PROTOCOLS = Set.of("TLSv1.2", "TLSv1.3");

  /** All have forward secrecy and authenticated encryption, which HTTP/2 asks for (RFC 9113). */
  private static final List<String> CIPHERS =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private static final String BEGIN_CERTIFICATE = "-----BEGIN CERTIFICATE-----";
  private static final String BEGIN_ENCRYPTED_KEY = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

  /** The signatures by which a key is tried, by its algorithm. */
  private static final Map<String, String> SIGNATURES =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA");

  private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);

  private final PemKeyCertOptions own;
  private final Optional<PemTrustOptions> clients;
  private final String subject;
  private final Instant expiry;

  private TlsIdentity(
      PemKeyCertOptions own, Optional<PemTrustOptions> clients, String subject, Instant expiry) {
    this.own = own;
    this.clients = clients;
    this.subject = subject;
    this.expiry = expiry;
  }

  /**
   * Reads the files, and warns of certificates that are not valid now.
   *
   * @param files those of {@link TlsFiles#files}
   * @param contents the bytes of each
   */
  static TlsIdentity read(List<CredentialFile> files, List<byte[]> contents)
      throws CredentialException {
    List<X509Certificate> chain = certificates(files.get(0), contents.get(0));
    PemKeyCertOptions own =
        new PemKeyCertOptions()
            .addCertValue(Buffer.buffer(contents.get(0)))
            .addKeyValue(Buffer.buffer(contents.get(1)));
    requireFit(files, contents.get(1), own, chain.get(0).getPublicKey());
    warnUnlessValid(files.get(0), chain);
    Optional<PemTrustOptions> clients = Optional.empty();
    if (files.size() > 2) {
      warnUnlessValid(files.get(2), certificates(files.get(2), contents.get(2)));
      clients = Optional.of(new PemTrustOptions().addCertValue(Buffer.buffer(contents.get(2))));
    }
    Instant expiry =
        chain.stream()
            .map(certificate -> certificate.getNotAfter().toInstant())
            .min(Comparator.naturalOrder())
            .orElseThrow();
    String subject = chain.get(0).getSubjectX500Principal().getName();
    return new TlsIdentity(own, clients, subject, expiry);
  }

  private static List<X509Certificate> certificates(CredentialFile file, byte[] content)
      throws CredentialException {
    try {
      Collection<?> certificates =
          new String(content, StandardCharsets.ISO_8859_1).contains(BEGIN_CERTIFICATE)
              ? CertificateFactory.getInstance("X.509")
                  .generateCertificates(new ByteArrayInputStream(content))
              : List.of();
      if (!certificates.isEmpty()) {
        return certificates.stream().map(X509Certificate.class::cast).toList();
      }
    } catch (CertificateException e) {
      // Said below, as where there is none.
    }
    throw file.failure("the file has no certificate in PEM form (" + BEGIN_CERTIFICATE + ")");
  }

  private static void requireFit(
      List<CredentialFile> files, byte[] keyContent, PemKeyCertOptions own, PublicKey certified)
      throws CredentialException {
    CredentialFile file = files.get(1);
    String text = new String(keyContent, StandardCharsets.ISO_8859_1);
    if (text.contains(BEGIN_ENCRYPTED_KEY)) {
      throw file.failure("the key is encrypted: decrypt it, and let its file's mode protect it");
    }
    if (!text.contains("PRIVATE KEY-----")) {
      throw file.failure("the file has no private key in PEM form (-----BEGIN PRIVATE KEY-----)");
    }
    boolean fits;
    try {
      X509KeyManager keys = (X509KeyManager) own.getKeyManagerFactory(null).getKeyManagers()[0];
      String[] aliases = keys.getServerAliases(certified.getAlgorithm(), null);
      fits = aliases != null && signsFor(keys.getPrivateKey(aliases[0]), certified);
    } catch (IllegalArgumentException e) {
      // A key of another algorithm than the certificate's.
      fits = false;
    } catch (Exception e) {
      throw file.failure("the file has no RSA or EC key that can be read");
    }
    if (!fits) {
      throw file.failure("the key does not fit the certificate in " + files.get(0).path());
    }
  }

  /** Whether what the private key signs is what the public key verifies. */
  private static boolean signsFor(PrivateKey key, PublicKey certified)
      throws GeneralSecurityException {
    byte[] text = {1, 2, 3};
    Signature signature = Signature.getInstance(SIGNATURES.get(certified.getAlgorithm()));
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(text);
    return signature.verify(signed);
  }

  private static void warnUnlessValid(CredentialFile file, List<X509Certificate> certificates) {
    for (X509Certificate certificate : certificates) {
      try {
        certificate.checkValidity();
      } catch (CertificateException e) {
        LOG.warn(
            "{} {}: the certificate of '{}' is valid from {} to {}, not now",
            file.option(),
            file.path(),
            certificate.getSubjectX500Principal().getName(),
            certificate.getNotBefore().toInstant(),
            certificate.getNotAfter().toInstant());
      }
    }
  }

  /** The certificate, for the log. */
  @Override
  public String toString() {
    return "the certificate of '%s', valid until %s".formatted(subject, expiry);
  }

  /** When the first of the server's certificates expires. */
  Instant expiry() {
    return expiry;
  }

  /**
   * Makes a server that is not started, or the next connections of one that is, use this.
   *
   * @param clientAuth whether clients without a certificate are let in, where there are issuers
   */
  public void configure(HttpServerOptions options, ClientAuth clientAuth) {
    options
        .setSsl(true)
        // A signature takes about as long as scoring a row, and the one event loop has to go on.
        .setSslEngineOptions(new JdkSSLEngineOptions().setUseWorkerThread(true))
        .setEnabledSecureTransportProtocols(PROTOCOLS)
        .setKeyCertOptions(own);
    CIPHERS.forEach(options::addEnabledCipherSuite);
    clients.ifPresent(issuers -> options.setTrustOptions(issuers).setClientAuth(clientAuth));
  }
}
