package org.pillion.server.grpc;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import org.pillion.server.inference.RequestException;

/**
 * The one message of a unary call: a flag, the length in four bytes, the message.
 *
 * <p>Source: "gRPC over HTTP2".
 */
final class GrpcFrame {
  static final int HEAD_BYTES = 5;

  private GrpcFrame() {}

  /**
   * The message in a body.
   *
   * @throws RequestException when the body is not exactly one message
   */
  static byte[] unwrap(byte[] body) {
    if (body.length < HEAD_BYTES) {
      throw new RequestException(RequestException.Kind.INVALID, "the call has no message");
    }
    if (body[0] != 0) {
      throw new RequestException(
          RequestException.Kind.UNSUPPORTED_ENCODING, "the message must not be compressed");
    }
    long length = Buffer.buffer(body).getUnsignedInt(1);
    if (length != body.length - HEAD_BYTES) {
      throw new RequestException(
          RequestException.Kind.INVALID,
          "the message says that it has %d bytes, but %d came"
              .formatted(length, body.length - HEAD_BYTES));
    }
    return Arrays.copyOfRange(body, HEAD_BYTES, body.length);
  }

  static Buffer wrap(byte[] message) {
    return Buffer.buffer(HEAD_BYTES + message.length)
        .appendByte((byte) 0)
        .appendInt(message.length)
        .appendBytes(message);
  }
}
