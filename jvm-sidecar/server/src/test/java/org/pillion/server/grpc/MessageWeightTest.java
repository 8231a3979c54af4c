package org.pillion.server.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pillion.server.protocol.ModelInferRequest;

/** Messages of very many parts weigh what the library makes of them, not what they are long. */
final class MessageWeightTest {
  private static final int PARTS = 1_000;

  private static long weight(byte[] message) throws IOException {
    return MessageWeight.of(
        ModelInferRequest.getDescriptor(), CodedInputStream.newInstance(message));
  }

  private static byte[] repeated(String part) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    for (int i = 0; i < PARTS; i++) {
      message.writeBytes(HexFormat.of().parseHex(part));
    }
    return message.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2a00",
        "2a0432021a00",
        "2200",
        "22030a0178",
        "3200",
        "a00601",
        "a20600",
        "a306a406"
      })
  void of_manySmallParts_isSomeHundredBytesEach(String part) throws IOException {
    assertTrue(weight(repeated(part)) >= 200L * PARTS);
  }

  @Test
  void of_rawContents_isNotTheirLength() throws IOException {
    byte[] contents = new byte[1 << 20];
    ModelInferRequest message =
        ModelInferRequest.newBuilder().addRawInputContents(ByteString.copyFrom(contents)).build();

    assertTrue(weight(message.toByteArray()) < 1_000);
  }

  @Test
  void of_packedNumbers_isAListOfLongs() throws IOException {
    ModelInferRequest.InferInputTensor.Builder tensor =
        ModelInferRequest.InferInputTensor.newBuilder();
    for (int i = 0; i < PARTS; i++) {
      tensor.addShape(1);
    }
    ModelInferRequest message = ModelInferRequest.newBuilder().addInputs(tensor).build();

    assertEquals(16L * PARTS + 2 * 256, weight(message.toByteArray()));
  }

  @Test
  void of_aMessageThatEndsEarly_isRefused() {
    byte[] message = HexFormat.of().parseHex("2a05");

    assertThrows(IOException.class, () -> weight(message));
  }
}
