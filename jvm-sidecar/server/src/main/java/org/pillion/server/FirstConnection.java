package org.pillion.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * A request of our own over TCP before the address is announced: the first connection makes the
 * network library load most of its classes, which no caller should wait for.
 */
final class FirstConnection {
  private static final int PATIENCE_MILLIS = 5_000;

  private FirstConnection() {}

  static void make(String host, int port) {
    String request = "GET /v2/health/live HTTP/1.1\r\nHost: sidecar\r\nConnection: close\r\n\r\n";
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    } catch (IOException e) {
      // Only the speed of the first answer depends on it.
      return;
    }
  }
}
