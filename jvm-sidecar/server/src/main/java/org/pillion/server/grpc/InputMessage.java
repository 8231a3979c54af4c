package org.pillion.server.grpc;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Map;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.protocol.InferParameter;
import org.pillion.server.protocol.ModelInferRequest.InferInputTensor;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.InputTensor;
import org.pillion.server.tensor.MissingRows;
import org.pillion.server.tensor.RawTensor;
import org.pillion.server.tensor.Tensor;
import org.pillion.server.tensor.TensorItems;

/** Reads the message {@code InferInputTensor}. */
final class InputMessage {
  private static final int MAX_DIMENSIONS = 8;

  private final InferInputTensor message;
  private final ByteString raw;

  /**
   * An input.
   *
   * @param raw its bytes, or null where its values are within the message
   */
  InputMessage(InferInputTensor message, ByteString raw) {
    this.message = Protobuf.requireTypes(message);
    this.raw = raw;
  }

  boolean hasContents() {
    return !TypedContents.isEmpty(message.getContents());
  }

  /**
   * The tensor.
   *
   * @throws InvalidInput when it does not fit its field
   */
  Tensor tensor(InputRules rules) {
    String name = message.getName();
    Datatype type = rules.datatype(name, message.getDatatype());
    long[] shape = shape();
    int rows = rules.rows(name, shape);
    TensorItems items =
        raw == null
            ? TypedContents.read(name, type, rules, message.getContents())
            : RawTensor.read(name, type, rows, bytes(type));
    return InputTensor.of(rules, name, type, shape, items, missingRows(), isContext());
  }

  /** Texts are read from an array, numbers from wherever they are. */
  private ByteBuffer bytes(Datatype type) {
    return type == Datatype.BYTES ? ByteBuffer.wrap(raw.toByteArray()) : raw.asReadOnlyByteBuffer();
  }

  private long[] shape() {
    if (message.getShapeCount() > MAX_DIMENSIONS) {
      throw new InvalidInput(
          message.getName(),
          "the input '%s' has more than %d dimensions, but [n] or [n, 1] is expected"
              .formatted(message.getName(), MAX_DIMENSIONS));
    }
    long[] shape = new long[message.getShapeCount()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = message.getShape(i);
    }
    return shape;
  }

  private String missingRows() {
    Map<String, InferParameter> parameters = message.getParametersMap();
    InferParameter parameter = parameters.get(MissingRows.PARAMETER);
    String text = parameter == null ? null : InferMessage.text(parameter);
    if (parameter != null && text == null) {
      throw new InvalidInput(
          message.getName(),
          "the parameter '%s' of the input '%s' is not a string"
              .formatted(MissingRows.PARAMETER, message.getName()));
    }
    return text;
  }

  private boolean isContext() {
    InferParameter parameter = message.getParametersMap().get(Tensor.CONTEXT);
    return parameter != null && InferMessage.TRUE.equals(InferMessage.text(parameter));
  }
}
