package org.pillion.server.admin;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import org.pillion.server.errors.RequestException;

/** The secret of the operators' address; only its hash is kept. */
public final class BearerToken {
  private static final String SCHEME = "Bearer ";

  private final byte[] hash;

  public BearerToken(String secret) {
    hash = hash(secret);
  }

  /** The failure of a request that does not show the secret. */
  public static RequestException missing() {
    return new RequestException(
        RequestException.Kind.UNAUTHENTICATED,
        "the operators' address needs the header 'Authorization: Bearer TOKEN'",
        Map.of("WWW-Authenticate", "Bearer"));
  }

  /** Whether an Authorization header has the secret; compares in constant time. */
  public boolean accepts(String header) {
    boolean bearer = header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    String shown = bearer ? header.substring(SCHEME.length()).strip() : "";
    return MessageDigest.isEqual(hash, hash(shown)) && bearer;
  }

  @Override
  public String toString() {
    return "***";
  }

  private static byte[] hash(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
