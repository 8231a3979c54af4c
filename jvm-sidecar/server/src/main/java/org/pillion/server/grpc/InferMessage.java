package org.pillion.server.grpc;

import com.google.protobuf.UnsafeByteOperations;
import java.util.LinkedHashMap;
import java.util.Map;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.inference.InferRequest;
import org.pillion.server.inference.InferRequestBuilder;
import org.pillion.server.inference.ResponseHeader;
import org.pillion.server.inference.RowErrors;
import org.pillion.server.inference.Scored;
import org.pillion.server.protocol.InferParameter;
import org.pillion.server.protocol.ModelInferResponse;
import org.pillion.server.protocol.ModelInferResponse.InferOutputTensor;
import org.pillion.server.protocol.reading.ScoringRequest;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.MissingRows;
import org.pillion.server.tensor.RawTensor;

/** Reads the message {@code ModelInferRequest} and writes {@code ModelInferResponse}. */
final class InferMessage {
  private final ScoringRequest message;

  private InferMessage(ScoringRequest message) {
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
        Protobuf.read(ScoringRequest.parser(), bytes, ScoringRequest.getDescriptor(), memory));
  }

  String model() {
    return message.getModelName();
  }

  /** The version, or null for the one that serves. */
  String version() {
    return StateCalls.orNull(message.getModelVersion());
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
    InferRequestBuilder request = new InferRequestBuilder(rules);
    request.id(StateCalls.orNull(message.getId()));
    InputReader.readParameters(message.getParametersMap(), request);
    new InputReader(rules, request, message.getRawInputContentsList())
        .readAll(message.getInputsList());
    message.getOutputsList().forEach(output -> request.want(output.getName()));
    return request.build();
  }

  /**
   * The message of a scored request.
   *
   * @param raw whether values are written as raw bytes
   */
  static ModelInferResponse write(Scored scored, boolean raw) {
    ScoreResult result = scored.result();
    ResponseHeader header = scored.header();
    ModelInferResponse.Builder message =
        ModelInferResponse.newBuilder()
            .setModelName(header.model().id().model())
            .setModelVersion(String.valueOf(header.model().id().version()))
            .setId(header.id() == null ? "" : header.id())
            .putAllParameters(parameters(header));
    for (int position : scored.request().outputs()) {
      Column column = result.columns().get(position);
      InferOutputTensor.Builder tensor = tensor(result.fields().get(position), column);
      if (raw) {
        message.addRawOutputContents(UnsafeByteOperations.unsafeWrap(RawTensor.write(column)));
      } else {
        tensor.setContents(TypedContents.write(column));
      }
      message.addOutputs(tensor);
    }
    return message.build();
  }

  /** The parameters of a response. */
  static Map<String, InferParameter> parameters(ResponseHeader header) {
    Map<String, InferParameter> parameters = new LinkedHashMap<>();
    parameters.put("engine", text(header.model().scorer().engine()));
    parameters.put("arithmetic", text(header.model().scorer().arithmetic().text()));
    parameters.put("timings", text(header.timings().toJson()));
    if (header.reason() != null) {
      parameters.put(ResponseHeader.REASON, text(header.reason()));
    }
    if (!header.errors().isEmpty()) {
      parameters.put(RowErrors.PARAMETER, text(RowErrors.toJson(header.errors())));
    }
    return parameters;
  }

  private static InferOutputTensor.Builder tensor(OutputField field, Column column) {
    InferOutputTensor.Builder tensor =
        InferOutputTensor.newBuilder()
            .setName(field.name())
            .setDatatype(Datatype.of(field.type()).name())
            .addShape(column.rows());
    String missing = MissingRows.text(column.missing());
    if (missing != null) {
      tensor.putParameters(MissingRows.PARAMETER, text(missing));
    }
    return tensor;
  }

  static InferParameter text(String text) {
    return InferParameter.newBuilder().setStringParam(text).build();
  }
}
