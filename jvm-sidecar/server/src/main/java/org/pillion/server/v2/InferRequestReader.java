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
import org.pillion.server.inference.RequestParts;
import org.pillion.server.tensor.InputRules;

/** Reads the body of a V2 inference request straight into columns; for one request only. */
public final class InferRequestReader {
  private final InputRules rules;
  private final InferBody body;
  private final InferBody.BinaryTail tail;
  private final TensorReader tensors;
  private final RequestParts parts;
  private final Set<String> binary = new HashSet<>();
  private final Set<String> json = new HashSet<>();
  private boolean binaryByDefault;
  private boolean inputsSeen;

  public InferRequestReader(InputRules rules, InferBody body) {
    this.rules = rules;
    this.body = body;
    this.tail = body.new BinaryTail();
    this.tensors = new TensorReader(rules, body, tail);
    this.parts = new RequestParts(rules.contract());
  }

  /**
   * Reads the request.
   *
   * @throws InvalidInput naming what does not fit
   * @throws RequestException when there are too many rows
   */
  public InferRequest read() {
    JsonText.readObject(
        body.bytes(), body.jsonLength(), tensors::current, rules.memory(), this::readMember);
    if (!inputsSeen) {
      throw new InvalidInput("the body has no 'inputs'");
    }
    tail.requireEmpty();
    return parts.build();
  }

  /** Whether an output is requested as bytes; valid after {@link #read()}. */
  public boolean isBinary(OutputField output) {
    return binary.contains(output.name()) || binaryByDefault && !json.contains(output.name());
  }

  private void readMember(String key, JsonParser parser) throws IOException {
    switch (key) {
      case "id" -> parts.id(JsonText.required(parser, "'id'"));
      case "parameters" -> readParameters(parser);
      case "inputs" -> readInputs(parser);
      case "outputs" -> readOutputs(parser);
      default -> parser.skipChildren();
    }
  }

  private void readParameters(JsonParser parser) throws IOException {
    JsonText.requireObject(parser, "'parameters'");
    for (String key = JsonText.nextMember(parser); key != null; key = JsonText.nextMember(parser)) {
      if (key.equals("binary_data_output")) {
        binaryByDefault = JsonText.flag(parser, "the parameter '" + key + "'");
      } else {
        boolean text = parser.currentToken() == JsonToken.VALUE_STRING;
        parts.parameter(key, text ? parser.getText() : null);
        parser.skipChildren();
      }
    }
  }

  private void readInputs(JsonParser parser) throws IOException {
    JsonText.requireArray(parser, "'inputs'");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      parts.add(tensors.read(parser));
    }
    inputsSeen = true;
  }

  private void readOutputs(JsonParser parser) throws IOException {
    JsonText.requireArray(parser, "'outputs'");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      JsonText.requireObject(parser, "an item of 'outputs'");
      String name = null;
      Boolean wantsBinary = null;
      for (String key = JsonText.nextMember(parser);
          key != null;
          key = JsonText.nextMember(parser)) {
        switch (key) {
          case "name" -> name = JsonText.required(parser, "the name of an output");
          case "parameters" -> wantsBinary = readBinaryData(parser);
          default -> parser.skipChildren();
        }
      }
      parts.want(name);
      if (wantsBinary != null) {
        (wantsBinary ? binary : json).add(name);
      }
    }
  }

  private static Boolean readBinaryData(JsonParser parser) throws IOException {
    JsonText.requireObject(parser, "the parameters of an output");
    Boolean binaryData = null;
    for (String key = JsonText.nextMember(parser); key != null; key = JsonText.nextMember(parser)) {
      if ("binary_data".equals(key)) {
        binaryData = JsonText.flag(parser, "the parameter 'binary_data' of an output");
      } else {
        parser.skipChildren();
      }
    }
    return binaryData;
  }
}
