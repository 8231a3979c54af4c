package org.pillion.client;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * What a client trusts and shows.
 *
 * @param trust of the authorities
 * @param keys of the client's certificate; null where it shows none
 */
record Certificates(X509ExtendedTrustManager trust, X509ExtendedKeyManager keys) {
  /** The signatures by which a key is tried, by its algorithm. */
  private static final Map<String, String> SIGNATURES =
      Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA");

  /**
   * Reads files in PEM form.
   *
   * @param authorities certificates to trust; null for those that the JVM trusts
   * @param certificate the client's; null where it shows none
   * @param key its private key
   * @throws IllegalArgumentException when a file cannot be used; names all of them
   */
  static Certificates read(Path authorities, Path certificate, Path key) {
    List<String> problems = new ArrayList<>();
    X509ExtendedTrustManager trust = null;
    X509ExtendedKeyManager keys = null;
    try {
      trust = trust(authorities);
    } catch (IllegalArgumentException e) {
      problems.add(e.getMessage());
    }
    try {
      keys = certificate == null && key == null ? null : keys(certificate, key);
    } catch (IllegalArgumentException e) {
      problems.add(e.getMessage());
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
    return new Certificates(trust, keys);
  }

  private static X509ExtendedTrustManager trust(Path authorities) {
    try {
      KeyStore issuers = null;
      if (authorities != null) {
        issuers = KeyStore.getInstance(KeyStore.getDefaultType());
        issuers.load(null, null);
        for (Certificate issuer : certificates("authorities", authorities)) {
          issuers.setCertificateEntry(Integer.toString(issuers.size()), issuer);
        }
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(issuers);
      return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("authorities: they cannot be used", e);
    }
  }

  private static Collection<? extends Certificate> certificates(String setting, Path file) {
    try {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(content(setting, file)));
      if (!found.isEmpty()) {
        return found;
      }
    } catch (CertificateException e) {
      // Said below, as where there is none.
    }
    throw new IllegalArgumentException(
        "%s: %s has no certificate in PEM form".formatted(setting, file));
  }

  private static X509ExtendedKeyManager keys(Path certificate, Path key) {
    if (certificate == null || key == null) {
      throw new IllegalArgumentException(
          "clientCertificate: mutual TLS needs both, a certificate and its key");
    }
    certificates("clientCertificate", certificate);
    byte[] shown = content("clientCertificate", certificate);
    byte[] secret = content("clientCertificate", key);
    if (new String(secret, StandardCharsets.ISO_8859_1).contains("ENCRYPTED")) {
      throw new IllegalArgumentException(
          "clientCertificate: the key in %s has a password: give one without".formatted(key));
    }
    X509ExtendedKeyManager keys;
    try {
      PemKeyCertOptions pair =
          new PemKeyCertOptions()
              .addCertValue(Buffer.buffer(shown))
              .addKeyValue(Buffer.buffer(secret));
      keys = (X509ExtendedKeyManager) pair.getKeyManagerFactory(null).getKeyManagers()[0];
    } catch (Exception e) {
      throw new IllegalArgumentException(
          "clientCertificate: %s has no RSA or EC key in PEM form".formatted(key), e);
    }
    if (!fits(keys)) {
      throw new IllegalArgumentException(
          "clientCertificate: the key in %s is not that of the certificate in %s"
              .formatted(key, certificate));
    }
    return keys;
  }

  /** Whether what the private key signs is what the certificate's key verifies. */
  private static boolean fits(X509ExtendedKeyManager keys) {
    for (Map.Entry<String, String> kind : SIGNATURES.entrySet()) {
      String[] aliases = keys.getClientAliases(kind.getKey(), null);
      if (aliases != null) {
        PublicKey certified = keys.getCertificateChain(aliases[0])[0].getPublicKey();
        try {
          return signsFor(keys.getPrivateKey(aliases[0]), certified, kind.getValue());
        } catch (GeneralSecurityException e) {
          // A key of another algorithm than the certificate's.
          return false;
        }
      }
    }
    return false;
  }

  private static boolean signsFor(PrivateKey key, PublicKey certified, String algorithm)
      throws GeneralSecurityException {
    byte[] text = {1, 2, 3};
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(text);
    return signature.verify(signed);
  }

  static byte[] content(String setting, Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("%s: there is no file %s".formatted(setting, file), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("%s: %s cannot be read".formatted(setting, file), e);
    }
  }
}
