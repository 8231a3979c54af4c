package org.pillion.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Makes the first connection to an address before it is announced, since the first one makes the
 * network library load most of its classes.
 *
 * <p>Source of the call's frames: RFC 9113, and RFC 7541 for its headers, none of which is indexed.
 */
final class FirstConnection {
  private static final int PATIENCE_MILLIS = 5_000;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int HEAD_BYTES = 9;

  private FirstConnection() {}

  /** Requests the liveness route over HTTP/1.1. */
  static void make(String host, int port) {
    String request = "GET /v2/health/live HTTP/1.1\r\nHost: sidecar\r\nConnection: close\r\n\r\n";
    try (Socket socket = connect(host, port)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
    } catch (IOException e) {
      // Only the speed of the first answer depends on it.
      return;
    }
  }

  /**
   * Calls {@code ServerLive} over gRPC.
   *
   * @return whether a response arrived
   */
  static boolean call(String host, int port) {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    sent.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(sent, SETTINGS, 0, 0, new byte[0]);
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    header(headers, ":method", "POST");
    header(headers, ":scheme", "http");
    header(headers, ":path", "/inference.GRPCInferenceService/ServerLive");
    header(headers, ":authority", "sidecar");
    header(headers, "content-type", "application/grpc");
    header(headers, "te", "trailers");
    frame(sent, HEADERS, END_HEADERS, 1, headers.toByteArray());
    frame(sent, DATA, END_STREAM, 1, new byte[5]);
    try (Socket socket = connect(host, port)) {
      socket.getOutputStream().write(sent.toByteArray());
      return awaitEnd(new DataInputStream(socket.getInputStream()));
    } catch (IOException e) {
      return false;
    }
  }

  private static Socket connect(String host, int port) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    return socket;
  }

  private static void frame(
      ByteArrayOutputStream to, int type, int flags, int stream, byte[] content) {
    to.writeBytes(new byte[] {0, (byte) (content.length >> 8), (byte) content.length});
    to.writeBytes(new byte[] {(byte) type, (byte) flags, 0, 0, 0, (byte) stream});
    to.writeBytes(content);
  }

  /** A literal without indexing, whose name and value are shorter than 127 bytes. */
  private static void header(ByteArrayOutputStream to, String name, String value) {
    to.write(0);
    for (String text : new String[] {name, value}) {
      to.write(text.length());
      to.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Reads frames until the stream's last one. */
  private static boolean awaitEnd(DataInputStream in) throws IOException {
    while (true) {
      byte[] head = new byte[HEAD_BYTES];
      in.readFully(head);
      int length = (head[0] & 0xFF) << 16 | (head[1] & 0xFF) << 8 | head[2] & 0xFF;
      in.skipNBytes(length);
      boolean ends = (head[3] == DATA || head[3] == HEADERS) && (head[4] & END_STREAM) != 0;
      if (ends && head[8] == 1) {
        return true;
      }
    }
  }
}
