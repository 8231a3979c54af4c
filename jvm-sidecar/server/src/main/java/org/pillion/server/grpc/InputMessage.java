package org.pillion.server.grpc;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.inference.Datatype;
import org.pillion.server.inference.InputRules;
import org.pillion.server.inference.InputTensor;
import org.pillion.server.inference.MissingRows;
import org.pillion.server.inference.RawTensor;
import org.pillion.server.inference.Tensor;
import org.pillion.server.inference.TensorItems;

/** The message {@code InferInputTensor}. */
final class InputMessage {
  private static final int MAX_DIMENSIONS = 8;

  private String name = "";
  private String datatype = "";
  private long[] shape = {};
  private String missingRows;
  private boolean isContext;
  private ProtoReader contents;
  private boolean hasContents;

  private InputMessage() {}

  static InputMessage read(ProtoReader reader) {
    InputMessage input = new InputMessage();
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> input.name = reader.string();
        case 2 -> input.datatype = reader.string();
        case 3 -> input.readShape(reader);
        case 4 -> InferMessage.readParameter(reader.message(), input::parameter);
        case 5 -> input.readContents(reader);
        default -> reader.skip();
      }
    }
    return input;
  }

  String name() {
    return name;
  }

  boolean hasContents() {
    return hasContents;
  }

  private void readContents(ProtoReader reader) {
    if (contents != null) {
      throw ProtoReader.malformed("an input has contents twice");
    }
    contents = reader.message();
    hasContents = !TypedContents.isEmpty(contents.copy());
  }

  private void readShape(ProtoReader reader) {
    if (!reader.isPacked()) {
      add(reader.varint());
      return;
    }
    ProtoReader packed = reader.message();
    while (packed.hasMore()) {
      add(packed.readVarint());
    }
  }

  private void add(long dimension) {
    if (shape.length == MAX_DIMENSIONS) {
      throw new InvalidInput(
          name,
          "the input '%s' has more than %d dimensions, but [n] or [n, 1] is expected"
              .formatted(name, MAX_DIMENSIONS));
    }
    shape = Arrays.copyOf(shape, shape.length + 1);
    shape[shape.length - 1] = dimension;
  }

  private void parameter(String key, String value) {
    if (key.equals(MissingRows.PARAMETER)) {
      if (value == null) {
        throw new InvalidInput(
            name, "the parameter '%s' of the input '%s' is not a string".formatted(key, name));
      }
      missingRows = value;
    } else if (key.equals(Tensor.CONTEXT)) {
      isContext = InferMessage.TRUE.equals(value);
    }
  }

  /**
   * The tensor.
   *
   * @param raw its bytes, or null where it has contents
   */
  Tensor tensor(InputRules rules, ByteBuffer raw) {
    Datatype type = rules.datatype(name, datatype);
    int rows = rules.rows(name, shape);
    TensorItems items =
        raw != null
            ? RawTensor.read(name, type, rows, raw)
            : TypedContents.read(
                name, type, rules, contents == null ? new ProtoReader(new byte[0]) : contents);
    return InputTensor.of(rules, name, type, shape, items, missingRows, isContext);
  }
}
