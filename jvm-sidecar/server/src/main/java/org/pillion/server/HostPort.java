package org.pillion.server;

/**
 * A TCP address to listen on.
 *
 * @param host name or address; IPv6 addresses without brackets
 * @param port 0 for any free one
 */
record HostPort(String host, int port) {
  /**
   * Reads {@code HOST:PORT}; an IPv6 host is in brackets.
   *
   * @throws IllegalArgumentException in one sentence
   */
  static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0) {
      throw malformed(text);
    }
    String host = text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port < 0 || port > 65_535) {
        throw malformed(text);
      }
      return new HostPort(host, port);
    } catch (NumberFormatException e) {
      throw malformed(text);
    }
  }

  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException("'" + text + "' is not of the form HOST:PORT");
  }
}
