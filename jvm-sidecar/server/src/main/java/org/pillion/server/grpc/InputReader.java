package org.pillion.server.grpc;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.inference.InferRequestBuilder;
import org.pillion.server.protocol.InferParameter;
import org.pillion.server.protocol.reading.Input;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.MissingRows;
import org.pillion.server.tensor.RawTensor;
import org.pillion.server.tensor.Tensor;
import org.pillion.server.tensor.TensorColumn;

/**
 * Reads the messages {@code InferInputTensor} of one request, whose values may stand beside them.
 */
final class InputReader {
  private static final int MAX_DIMENSIONS = 8;

  /** What stands for a flag that is set, where texts are expected. */
  private static final String TRUE = "true";

  private final InputRules rules;
  private final InferRequestBuilder request;
  private final List<ByteString> raw;

  /**
   * A reader.
   *
   * @param request takes the tensors
   * @param raw the bytes of each input, or nothing
   */
  InputReader(InputRules rules, InferRequestBuilder request, List<ByteString> raw) {
    this.rules = rules;
    this.request = request;
    this.raw = raw;
  }

  /** Reads the parameters of a request. */
  static void readParameters(Map<String, InferParameter> parameters, InferRequestBuilder request) {
    parameters.forEach((key, value) -> request.parameter(key, text(value)));
  }

  /**
   * Reads inputs that say themselves whether they are of the context.
   *
   * @throws InvalidInput naming the one that does not fit
   */
  void readAll(List<Input> inputs) {
    requireOneForm(inputs);
    for (int i = 0; i < inputs.size(); i++) {
      InferParameter context = inputs.get(i).getParametersMap().get(Tensor.CONTEXT);
      boolean isContext = context != null && TRUE.equals(text(context));
      read(inputs.get(i), i, isContext ? Tensor.Role.CONTEXT : Tensor.Role.ROWS);
    }
  }

  /**
   * Reads inputs of which the first ones are of the context, and the last ones defaults.
   *
   * @param context how many are of the context
   * @param rows how many come after them that have a value for each row
   * @throws InvalidInput naming the one that does not fit
   */
  void readAll(List<Input> inputs, int context, int rows) {
    requireOneForm(inputs);
    for (int i = 0; i < inputs.size(); i++) {
      Tensor.Role role = i < context + rows ? Tensor.Role.ROWS : Tensor.Role.DEFAULT;
      read(inputs.get(i), i, i < context ? Tensor.Role.CONTEXT : role);
    }
  }

  private void requireOneForm(List<Input> inputs) {
    if (raw.isEmpty()) {
      return;
    }
    for (Input input : inputs) {
      if (input.getContentsList().stream().anyMatch(part -> !part.isEmpty())) {
        throw new InvalidInput(
            input.getName(),
            "the input '%s' has contents, but the request has raw_input_contents as well"
                .formatted(input.getName()));
      }
    }
    if (raw.size() != inputs.size()) {
      throw new InvalidInput(
          "the request has %d raw_input_contents for %d inputs"
              .formatted(raw.size(), inputs.size()));
    }
  }

  private void read(Input input, int index, Tensor.Role role) {
    Protobuf.requireTypes(input);
    String name = input.getName();
    if (!request.takes(name, role)) {
      return;
    }
    TensorColumn column = rules.column(name, input.getDatatype());
    long[] shape = shape(input);
    int rows = rules.rows(name, shape);
    column.setMissing(missingRows(input), rows);
    if (raw.isEmpty()) {
      input.getContentsList().forEach(part -> TypedContents.read(column, part));
    } else {
      RawTensor.read(column, rows, bytes(raw.get(index), column.datatype()));
    }
    request.add(new Tensor(name, column.build(shape), role));
  }

  /** Texts are read from an array, numbers from where they are. */
  private ByteBuffer bytes(ByteString values, Datatype datatype) {
    if (datatype != Datatype.BYTES) {
      return values.asReadOnlyByteBuffer();
    }
    rules.memory().take(values.size());
    return ByteBuffer.wrap(values.toByteArray());
  }

  private static long[] shape(Input input) {
    if (input.getShapeCount() > MAX_DIMENSIONS) {
      throw new InvalidInput(
          input.getName(),
          "the input '%s' has more than %d dimensions, but [n] or [n, 1] is expected"
              .formatted(input.getName(), MAX_DIMENSIONS));
    }
    long[] shape = new long[input.getShapeCount()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = input.getShape(i);
    }
    return shape;
  }

  private static String missingRows(Input input) {
    InferParameter parameter = input.getParametersMap().get(MissingRows.PARAMETER);
    String text = parameter == null ? null : text(parameter);
    if (parameter != null && text == null) {
      throw new InvalidInput(
          input.getName(),
          "the parameter '%s' of the input '%s' is not a string"
              .formatted(MissingRows.PARAMETER, input.getName()));
    }
    return text;
  }

  /** The text of a parameter, {@link #TRUE} of a flag that is set, or null. */
  private static String text(InferParameter parameter) {
    return switch (parameter.getParameterChoiceCase()) {
      case STRING_PARAM -> parameter.getStringParam();
      case BOOL_PARAM -> parameter.getBoolParam() ? TRUE : null;
      default -> null;
    };
  }
}
