package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.OutputField;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.JsonText;
import org.pillion.server.inference.InferRequest;
import org.pillion.server.inference.InferRequestBuilder;
import org.pillion.server.tensor.InputRules;

/** Reads the body of a V2 inference request straight into columns; for one request only. */
public final class InferRequestReader {
  private final TensorReader tensors;
  private final InferRequestBuilder request;
  private final Set<String> binary = new HashSet<>();
  private final Set<String> json = new HashSet<>();
  private boolean binaryByDefault;
  private boolean inputsSeen;

  public InferRequestReader(InputRules rules, InferBody body) {
    this.request = new InferRequestBuilder(rules);
    this.tensors = new TensorReader(rules, body, request);
  }

  /**
   * Reads the request.
   *
   * @throws InvalidInput naming what does not fit
   * @throws RequestException when there are too many rows
   */
  public InferRequest read() {
    tensors.readBody(this::readMember);
    if (!inputsSeen) {
      throw new InvalidInput("the body has no 'inputs'");
    }
    return request.build();
  }

  /** Whether an output is requested as bytes; valid after {@link #read()}. */
  public boolean isBinary(OutputField output) {
    return binary.contains(output.name()) || binaryByDefault && !json.contains(output.name());
  }

  private void readMember(String key, JsonParser parser) throws IOException {
    switch (key) {
      case "id" -> request.id(JsonText.required(parser, "'id'"));
      case "parameters" -> JsonText.readMembers(parser, this::readParameter, "'parameters'");
      case "inputs" -> {
        tensors.readAll(parser, "'inputs'", null);
        inputsSeen = true;
      }
      case "outputs" -> readOutputs(parser);
      default -> parser.skipChildren();
    }
  }

  private void readParameter(String key, JsonParser parser) throws IOException {
    if (key.equals("binary_data_output")) {
      binaryByDefault = JsonText.flag(parser, "the parameter '%s'", key);
    } else {
      readParameter(key, parser, request);
    }
  }

  /** Reads a parameter of a request, in whatever body it is. */
  static void readParameter(String key, JsonParser parser, InferRequestBuilder request)
      throws IOException {
    boolean isText = parser.currentToken() == JsonToken.VALUE_STRING;
    request.parameter(key, isText ? JsonText.required(parser, "'%s'", key) : null);
    parser.skipChildren();
  }

  private void readOutputs(JsonParser parser) throws IOException {
    JsonText.requireArray(parser, "'outputs'");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      RequestedOutput output = new RequestedOutput();
      JsonText.readMembers(parser, output::readMember, "an item of 'outputs'");
      request.want(output.name);
      if (output.isBinary != null) {
        (output.isBinary ? binary : json).add(output.name);
      }
    }
  }

  private static final class RequestedOutput {
    private String name;
    private Boolean isBinary;

    void readMember(String key, JsonParser parser) throws IOException {
      switch (key) {
        case "name" -> name = JsonText.required(parser, "the name of an output");
        case "parameters" ->
            JsonText.readMembers(parser, this::readParameter, "the parameters of an output");
        default -> parser.skipChildren();
      }
    }

    private void readParameter(String key, JsonParser parser) throws IOException {
      if (key.equals("binary_data")) {
        isBinary = JsonText.flag(parser, "the parameter 'binary_data' of an output");
      } else {
        parser.skipChildren();
      }
    }
  }
}
