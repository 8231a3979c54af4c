package org.pillion.server.grpc;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.inference.InferRequest;
import org.pillion.server.inference.RequestParts;
import org.pillion.server.protocol.InferParameter;
import org.pillion.server.protocol.ModelInferRequest;
import org.pillion.server.protocol.ModelInferRequest.InferInputTensor;
import org.pillion.server.tensor.InputRules;

/** Reads the message {@code ModelInferRequest}. */
final class InferMessage {
  /** What stands for the flag that is set, where texts are expected. */
  static final String TRUE = "true";

  private final ModelInferRequest message;

  private InferMessage(ModelInferRequest message) {
    this.message = message;
  }

  /**
   * Reads a message.
   *
   * @param memory is asked for what is made of it
   * @throws InvalidInput when it is none
   */
  static InferMessage read(byte[] bytes, MemoryBudget memory) {
    return new InferMessage(
        Protobuf.read(
            ModelInferRequest.parser(), bytes, ModelInferRequest.getDescriptor(), memory));
  }

  String model() {
    return message.getModelName();
  }

  /** The version, or null for the one that serves. */
  String version() {
    return StateMessages.orNull(message.getModelVersion());
  }

  /** Whether the values are raw, and so are those of the answer. */
  boolean isRaw() {
    return message.getRawInputContentsCount() > 0;
  }

  /**
   * The request.
   *
   * @throws InvalidInput naming what does not fit the model
   */
  InferRequest request(InputRules rules) {
    RequestParts parts = new RequestParts(rules.contract());
    parts.id(StateMessages.orNull(message.getId()));
    for (Map.Entry<String, InferParameter> entry : message.getParametersMap().entrySet()) {
      parts.parameter(entry.getKey(), text(entry.getValue()));
    }
    inputs(message.getInputsList(), message.getRawInputContentsList())
        .forEach(input -> parts.add(input.tensor(rules)));
    message.getOutputsList().forEach(output -> parts.want(output.getName()));
    return parts.build();
  }

  /**
   * The inputs, whose values are either raw or within them.
   *
   * @param raw the bytes of each, or nothing
   * @throws InvalidInput when there are values in both forms, or bytes of another number of inputs
   */
  static List<InputMessage> inputs(List<InferInputTensor> tensors, List<ByteString> raw) {
    List<InputMessage> inputs = new ArrayList<>();
    for (InferInputTensor tensor : tensors) {
      ByteString bytes = inputs.size() < raw.size() ? raw.get(inputs.size()) : null;
      InputMessage input = new InputMessage(tensor, bytes);
      if (!raw.isEmpty() && input.hasContents()) {
        throw new InvalidInput(
            tensor.getName(),
            "the input '%s' has contents, but the request has raw_input_contents as well"
                .formatted(tensor.getName()));
      }
      inputs.add(input);
    }
    if (!raw.isEmpty() && raw.size() != inputs.size()) {
      throw new InvalidInput(
          "the request has %d raw_input_contents for %d inputs"
              .formatted(raw.size(), inputs.size()));
    }
    return inputs;
  }

  /** The text of a parameter, {@link #TRUE} of a flag that is set, or null. */
  static String text(InferParameter parameter) {
    return switch (parameter.getParameterChoiceCase()) {
      case STRING_PARAM -> parameter.getStringParam();
      case BOOL_PARAM -> parameter.getBoolParam() ? TRUE : null;
      default -> null;
    };
  }
}
