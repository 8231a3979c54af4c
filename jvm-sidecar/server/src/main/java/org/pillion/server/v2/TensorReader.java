package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.http.JsonBody;
import org.pillion.server.http.JsonText;
import org.pillion.server.inference.InferRequestBuilder;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.MissingRows;
import org.pillion.server.tensor.RawTensor;
import org.pillion.server.tensor.Tensor;
import org.pillion.server.tensor.TensorColumn;

/** Reads the tensors of one request, their data in JSON or in the bytes that follow it. */
final class TensorReader {
  private static final String BINARY_SIZE = "binary_data_size";
  private static final String PARAMETER = "the parameter '%s' of %s";
  private static final int MAX_DIMENSIONS = 8;

  private final InputRules rules;
  private final InferBody body;
  private final InferBody.BinaryTail tail;
  private final InferRequestBuilder request;

  /** Names the tensor being read, for a sentence that refuses it. */
  private final Object described =
      new Object() {
        @Override
        public String toString() {
          return current == null ? "an input" : "the input '" + current + "'";
        }
      };

  /** Name of the tensor being read, or null. */
  private String current;

  private String datatypeName;
  private long[] shape;
  private TensorColumn values;
  private int dataStart;
  private int binarySize;
  private String missingRows;
  private boolean isContext;

  /**
   * A reader.
   *
   * @param request takes the tensors
   */
  TensorReader(InputRules rules, InferBody body, InferRequestBuilder request) {
    this.rules = rules;
    this.body = body;
    this.tail = body.new BinaryTail();
    this.request = request;
  }

  /**
   * Reads the body, a JSON object and what follows it, whose members a reader is given.
   *
   * @throws InvalidInput naming what does not fit
   */
  void readBody(JsonText.Member member) {
    JsonText.readObject(body.bytes(), body.jsonLength(), () -> current, rules.memory(), member);
    tail.requireEmpty();
  }

  /**
   * Reads the array of tensors that starts at the parser's current token.
   *
   * @param what names it
   * @param role what their values are for, or null where each says itself whether it is of the
   *     context
   */
  void readAll(JsonParser parser, String what, Tensor.Role role) throws IOException {
    JsonText.requireArray(parser, what);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      forget();
      JsonText.readMembers(parser, this::readMember, "an item of 'inputs'");
      if (current == null) {
        throw new InvalidInput("an item of 'inputs' has no name");
      }
      Tensor.Role own = isContext ? Tensor.Role.CONTEXT : Tensor.Role.ROWS;
      Tensor.Role wanted = role == null ? own : role;
      if (request.takes(current, wanted)) {
        add(wanted);
      } else if (binarySize >= 0) {
        tail.take(current, binarySize);
      }
    }
    forget();
  }

  private void readMember(String key, JsonParser parser) throws IOException {
    switch (key) {
      case "name" -> current = JsonText.required(parser, "the name of an input");
      case "datatype" -> datatypeName = JsonText.required(parser, "the datatype of %s", described);
      case "shape" -> shape = readShape(parser);
      case "parameters" ->
          JsonText.readMembers(parser, this::readParameter, "the parameters of %s", described);
      case "data" -> readOrMark(parser);
      default -> parser.skipChildren();
    }
  }

  private void add(Tensor.Role role) throws IOException {
    if (datatypeName == null) {
      throw new InvalidInput(current, described + " has no datatype");
    }
    if (shape == null) {
      throw new InvalidInput(current, described + " has no shape");
    }
    if (binarySize >= 0) {
      readBinary();
    } else {
      if (values == null) {
        values = readDataAt();
      }
      values.setMissing(missingRows, rules.rows(current, shape));
    }
    request.add(new Tensor(current, values.build(shape), role));
  }

  private void forget() {
    current = null;
    datatypeName = null;
    shape = null;
    values = null;
    dataStart = -1;
    binarySize = -1;
    missingRows = null;
    isContext = false;
  }

  private long[] readShape(JsonParser parser) throws IOException {
    JsonText.requireArray(parser, "the shape of %s", described);
    long[] dimensions = new long[MAX_DIMENSIONS];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new InvalidInput(current, "the shape of " + described + " has no whole numbers");
      }
      if (count == MAX_DIMENSIONS) {
        throw new InvalidInput(
            current,
            "the shape of %s has more than %d dimensions, but [n] or [n, 1] is expected"
                .formatted(described, MAX_DIMENSIONS));
      }
      dimensions[count++] = dimension(parser);
    }
    return Arrays.copyOf(dimensions, count);
  }

  private long dimension(JsonParser parser) throws IOException {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw new InvalidInput(
          current,
          "the shape of %s has a dimension that is too large, but [n] or [n, 1] is expected"
              .formatted(described));
    }
    return parser.getLongValue();
  }

  private void readParameter(String key, JsonParser parser) throws IOException {
    switch (key) {
      case BINARY_SIZE -> binarySize = binarySize(parser);
      case MissingRows.PARAMETER ->
          missingRows = JsonText.required(parser, PARAMETER, key, described);
      case Tensor.CONTEXT -> isContext = JsonText.flag(parser, PARAMETER, key, described);
      default -> parser.skipChildren();
    }
  }

  private int binarySize(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() == JsonParser.NumberType.INT
        && parser.getIntValue() >= 0) {
      return parser.getIntValue();
    }
    throw new InvalidInput(
        current, "the binary_data_size of " + described + " is not a number of bytes");
  }

  private void readBinary() {
    if (dataStart >= 0 || values != null) {
      throw new InvalidInput(current, described + " has both data and binary_data_size");
    }
    values = rules.column(current, datatypeName);
    int rows = rules.rows(current, shape);
    ByteBuffer bytes = tail.take(current, binarySize);
    values.setMissing(missingRows, rows);
    RawTensor.read(values, rows, bytes);
  }

  private void readOrMark(JsonParser parser) throws IOException {
    JsonText.requireArray(parser, "the data of %s", described);
    if (current != null && datatypeName != null && rules.has(current)) {
      values = readData(parser);
    } else {
      // The keys of an object come in any order: come back here once the type is known.
      dataStart = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
      parser.skipChildren();
    }
  }

  private TensorColumn readDataAt() throws IOException {
    byte[] bytes = body.bytes();
    if (dataStart < 0 || dataStart >= body.jsonLength() || bytes[dataStart] != '[') {
      throw new InvalidInput(current, described + " has no data that can be read as UTF-8");
    }
    int length = body.jsonLength() - dataStart;
    try (JsonParser parser = JsonBody.FACTORY.createParser(bytes, dataStart, length)) {
      parser.nextToken();
      return readData(parser);
    }
  }

  private TensorColumn readData(JsonParser parser) throws IOException {
    TensorColumn column = rules.column(current, datatypeName);
    JsonData.read(parser, column);
    return column;
  }
}
