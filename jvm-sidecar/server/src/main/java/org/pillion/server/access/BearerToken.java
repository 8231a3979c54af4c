package org.pillion.server.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** A secret that a caller shows in the header Authorization; only its SHA-256 is kept. */
public final class BearerToken {
  /** A secret is not shorter, since it is to be random. */
  public static final int SHORTEST = 16;

  private static final String SCHEME = "Bearer ";

  private final byte[] hash;

  private BearerToken(byte[] hash) {
    this.hash = hash;
  }

  /** The token of a secret. */
  public static BearerToken of(String secret) {
    return new BearerToken(hash(secret));
  }

  /** The token of the secret that a file has. */
  static BearerToken read(CredentialFile file, byte[] content) throws CredentialException {
    String secret = new String(content, StandardCharsets.UTF_8).strip();
    if (secret.length() < SHORTEST) {
      throw file.failure("the token has fewer than " + SHORTEST + " characters");
    }
    return of(secret);
  }

  /** The token of a secret of which only the hash is known, in hexadecimal digits. */
  static BearerToken ofHash(String digits) {
    return new BearerToken(HexFormat.of().parseHex(digits));
  }

  /** The secret that an Authorization header shows; empty where it shows none. */
  static Optional<String> shown(String header) {
    if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    return Optional.of(header.substring(SCHEME.length()).strip())
        .filter(secret -> !secret.isEmpty());
  }

  /** Whether an Authorization header, or null, shows the secret; compares in constant time. */
  public boolean accepts(String header) {
    return shown(header).map(secret -> hasHash(hash(secret))).orElse(false);
  }

  /** Compares in constant time. */
  boolean hasHash(byte[] other) {
    return MessageDigest.isEqual(hash, other);
  }

  static byte[] hash(String secret) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "***";
  }
}
