package org.pillion.client;

import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where a sidecar listens for gRPC.
 *
 * @param text as the host wrote it, for messages
 * @param socket the same for Vert.x
 * @param tls whether the connection is encrypted
 */
record SidecarAddress(String text, SocketAddress socket, boolean tls) {
  private static final String UNIX = "unix:";

  /** The kernel's limit, the end of the text not counted. */
  private static final int MAX_SOCKET_BYTES = 107;

  /**
   * Reads an address.
   *
   * @param text {@code unix:PATH}, {@code http://HOST:PORT}, or {@code https://HOST:PORT} for TLS
   * @throws IllegalArgumentException when it is neither; says what is wrong
   */
  static SidecarAddress parse(String text) {
    if (text.startsWith(UNIX)) {
      String path = text.substring(UNIX.length());
      int bytes = path.getBytes(StandardCharsets.UTF_8).length;
      if (!path.startsWith("/") || bytes > MAX_SOCKET_BYTES) {
        throw new IllegalArgumentException(
            path.startsWith("/")
                ? "the path of the sidecar's socket has %d bytes, more than %d: %s"
                    .formatted(bytes, MAX_SOCKET_BYTES, path)
                : "the path of the sidecar's socket does not begin with '/': " + path);
      }
      return new SidecarAddress(text, SocketAddress.domainSocketAddress(path), false);
    }
    URI uri = parsed(text);
    boolean tls = uri != null && "https".equals(uri.getScheme());
    if (uri == null || !tls && !"http".equals(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException(
          "the sidecar's address is unix:PATH, http://HOST:PORT or https://HOST:PORT, not '"
              + text
              + "'");
    }
    if (uri.getPort() <= 0) {
      throw new IllegalArgumentException("the sidecar's address '" + text + "' has no port");
    }
    return new SidecarAddress(
        text, SocketAddress.inetSocketAddress(uri.getPort(), uri.getHost()), tls);
  }

  /** The socket where host and sidecar of one user meet if nobody says otherwise. */
  static String usual(Map<String, String> environment) {
    String run = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    if (!run.isEmpty()) {
      return UNIX + Path.of(run, "pillion", "sidecar.sock");
    }
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path caches =
        cache.isEmpty() ? Path.of(environment.getOrDefault("HOME", ""), ".cache") : Path.of(cache);
    return UNIX + caches.resolve(Path.of("pillion", "run", "sidecar.sock"));
  }

  private static URI parsed(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
