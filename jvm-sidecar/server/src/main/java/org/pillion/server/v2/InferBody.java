package org.pillion.server.v2;

import java.nio.ByteBuffer;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.errors.RequestException;
import org.pillion.server.text.Truncated;

/**
 * The bytes of an inference request: JSON, and after it the bytes of its binary tensors.
 *
 * <p>Source: Triton, "Binary Tensor Data Extension".
 *
 * @param bytes the whole body
 * @param jsonLength how many of them are JSON
 */
public record InferBody(byte[] bytes, int jsonLength) {
  public static final String HEADER = "Inference-Header-Content-Length";

  /**
   * A body as the header splits it.
   *
   * @param header the header's text, or null where all is JSON
   */
  public static InferBody of(byte[] bytes, String header) {
    if (header == null) {
      return new InferBody(bytes, bytes.length);
    }
    int length = number(header);
    if (length > bytes.length) {
      throw new RequestException(
          RequestException.Kind.INVALID,
          "the header %s says %d, but the body has %d bytes"
              .formatted(HEADER, length, bytes.length));
    }
    return new InferBody(bytes, length);
  }

  /**
   * Checks the header before its body is read.
   *
   * @param header the header's text, or null
   */
  public static void requireNumber(String header) {
    if (header != null) {
      number(header);
    }
  }

  private static int number(String header) {
    try {
      int length = Integer.parseInt(header);
      if (length >= 0) {
        return length;
      }
    } catch (NumberFormatException e) {
      // Reported below, together with negative numbers.
    }
    throw new RequestException(
        RequestException.Kind.INVALID,
        "the header %s is not a number of bytes: %s".formatted(HEADER, Truncated.of(header)));
  }

  /** Hands out the bytes after the JSON, tensor by tensor. */
  final class BinaryTail {
    private int taken;

    /**
     * The next tensor's bytes.
     *
     * @throws InvalidInput when there are not so many
     */
    ByteBuffer take(String tensor, int size) {
      int left = bytes.length - jsonLength - taken;
      if (size > left) {
        throw new InvalidInput(
            tensor,
            "the input '%s' has binary_data_size %d, but only %d bytes follow the JSON"
                .formatted(tensor, size, left));
      }
      ByteBuffer part = ByteBuffer.wrap(bytes, jsonLength + taken, size).slice();
      taken += size;
      return part;
    }

    /**
     * Checks that nothing is left.
     *
     * @throws InvalidInput when there is
     */
    void requireEmpty() {
      int left = bytes.length - jsonLength - taken;
      if (left > 0) {
        throw new InvalidInput(
            "%d bytes follow the JSON that belong to no tensor's binary_data_size".formatted(left));
      }
    }
  }
}
