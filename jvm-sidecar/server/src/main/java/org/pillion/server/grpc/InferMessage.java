package org.pillion.server.grpc;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.inference.InferRequest;
import org.pillion.server.inference.InputRules;
import org.pillion.server.inference.RequestParts;

/**
 * The message {@code ModelInferRequest}: first its parts, then, once the model is known, its
 * values.
 */
final class InferMessage {
  private final List<InputMessage> inputs = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private final List<ByteBuffer> raw = new ArrayList<>();
  private final Map<String, String> parameters = new HashMap<>();
  private String model = "";
  private String version = "";
  private String id = "";

  private InferMessage() {}

  /**
   * Reads a message.
   *
   * @throws InvalidInput when it is none
   */
  static InferMessage read(byte[] bytes) {
    InferMessage message = new InferMessage();
    ProtoReader reader = new ProtoReader(bytes);
    while (reader.next()) {
      switch (reader.field()) {
        case 1 -> message.model = reader.string();
        case 2 -> message.version = reader.string();
        case 3 -> message.id = reader.string();
        case 4 -> readParameter(reader.message(), message.parameters::put);
        case 5 -> message.inputs.add(InputMessage.read(reader.message()));
        case 6 -> message.outputs.add(outputName(reader.message()));
        case 7 -> message.raw.add(reader.bytes());
        default -> reader.skip();
      }
    }
    return message;
  }

  String model() {
    return model;
  }

  /** The version, or null for the one that serves. */
  String version() {
    return version.isEmpty() ? null : version;
  }

  /** Whether the values are raw, and so are those of the answer. */
  boolean isRaw() {
    return !raw.isEmpty();
  }

  /**
   * The request.
   *
   * @throws InvalidInput naming what does not fit the model
   */
  InferRequest request(InputRules rules) {
    RequestParts parts = new RequestParts(rules.contract());
    parts.id(id.isEmpty() ? null : id);
    parameters.forEach(parts::parameter);
    requireOneForm(inputs, raw);
    for (int i = 0; i < inputs.size(); i++) {
      parts.add(inputs.get(i).tensor(rules, raw.isEmpty() ? null : raw.get(i)));
    }
    outputs.forEach(parts::want);
    return parts.build();
  }

  /** Checks that the values are either raw or within the inputs. */
  static void requireOneForm(List<InputMessage> inputs, List<ByteBuffer> raw) {
    if (raw.isEmpty()) {
      return;
    }
    for (InputMessage input : inputs) {
      if (input.hasContents()) {
        throw new InvalidInput(
            input.name(),
            "the input '%s' has contents, but the request has raw_input_contents as well"
                .formatted(input.name()));
      }
    }
    if (raw.size() != inputs.size()) {
      throw new InvalidInput(
          "the request has %d raw_input_contents for %d inputs"
              .formatted(raw.size(), inputs.size()));
    }
  }

  private static String outputName(ProtoReader output) {
    String name = "";
    while (output.next()) {
      if (output.field() == 1) {
        name = output.string();
      } else {
        output.skip();
      }
    }
    return name;
  }

  /** What stands for the flag that is set, where texts are expected. */
  static final String TRUE = "true";

  /**
   * Reads an entry of a map of parameters; a value that is no text or set flag is passed as null.
   */
  static void readParameter(ProtoReader entry, BiConsumer<String, String> to) {
    String key = "";
    String value = null;
    while (entry.next()) {
      if (entry.field() == 1) {
        key = entry.string();
      } else if (entry.field() == 2) {
        value = text(entry.message());
      } else {
        entry.skip();
      }
    }
    to.accept(key, value);
  }

  private static String text(ProtoReader parameter) {
    String text = null;
    while (parameter.next()) {
      if (parameter.field() == 1) {
        text = parameter.varint() == 0 ? null : TRUE;
      } else if (parameter.field() == 3) {
        text = parameter.string();
      } else {
        parameter.skip();
      }
    }
    return text;
  }
}
