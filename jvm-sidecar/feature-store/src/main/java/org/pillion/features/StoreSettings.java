package org.pillion.features;

import java.time.Duration;
import java.util.Optional;

/**
 * Where the online store is, and how it is spoken to.
 *
 * @param url {@code redis://HOST:PORT/DB}, {@code rediss://} for TLS, {@code unix:///PATH}, {@code
 *     redis+cluster://HOST:PORT,HOST:PORT}, {@code redis+sentinel://HOST:PORT,HOST:PORT/SERVICE}
 * @param password where it is not in the URL
 * @param sentinelPassword of the Sentinels, where they have one
 * @param timeout time that one trip may take
 */
public record StoreSettings(
    String url, Optional<String> password, Optional<String> sentinelPassword, Duration timeout) {
  /** The URL with its password, if any, as {@code ***}. */
  public String maskedUrl() {
    return withoutPassword(url);
  }

  /** The text with the password of a URL, if any, as {@code ***}. */
  public static String withoutPassword(String text) {
    return text.replaceFirst("(://[^:/@]*):[^@]*@", "$1:***@");
  }
}
