package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.http.JsonBody;
import org.pillion.server.http.JsonText;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.InputTensor;
import org.pillion.server.tensor.MissingRows;
import org.pillion.server.tensor.RawTensor;
import org.pillion.server.tensor.Tensor;

/** Reads the tensors of one request, their data in JSON or in the bytes that follow it. */
final class TensorReader {
  private static final String BINARY_SIZE = "binary_data_size";
  private static final int MAX_DIMENSIONS = 8;

  private final InputRules rules;
  private final InferBody body;
  private final InferBody.BinaryTail tail;

  /** Name of the tensor being read, or null. */
  private String current;

  private String datatypeName;
  private long[] shape;
  private ColumnBuilder values;
  private int dataStart;
  private int binarySize;
  private String missingRows;
  private boolean isContext;

  TensorReader(InputRules rules, InferBody body, InferBody.BinaryTail tail) {
    this.rules = rules;
    this.body = body;
    this.tail = tail;
  }

  /** Name of the tensor being read, or null when none is or its name is not known yet. */
  String current() {
    return current;
  }

  /** Reads the tensor whose object starts at the parser's current token. */
  Tensor read(JsonParser parser) throws IOException {
    JsonText.requireObject(parser, "an item of 'inputs'");
    forget();
    for (String key = JsonText.nextMember(parser); key != null; key = JsonText.nextMember(parser)) {
      switch (key) {
        case "name" -> current = JsonText.required(parser, "the name of an input");
        case "datatype" ->
            datatypeName = JsonText.required(parser, "the datatype of " + described());
        case "shape" -> shape = readShape(parser);
        case "parameters" -> readParameters(parser);
        case "data" -> readOrMark(parser);
        default -> parser.skipChildren();
      }
    }
    requireAll();
    Tensor tensor = binarySize >= 0 ? binary() : fromJson();
    forget();
    return tensor;
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

  private String described() {
    return current == null ? "an input" : "the input '" + current + "'";
  }

  private void requireAll() {
    if (current == null) {
      throw new InvalidInput("an item of 'inputs' has no name");
    }
    if (datatypeName == null) {
      throw new InvalidInput(current, described() + " has no datatype");
    }
    if (shape == null) {
      throw new InvalidInput(current, described() + " has no shape");
    }
  }

  private long[] readShape(JsonParser parser) throws IOException {
    JsonText.requireArray(parser, "the shape of " + described());
    long[] dimensions = new long[MAX_DIMENSIONS];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new InvalidInput(current, "the shape of " + described() + " has no whole numbers");
      }
      if (count == MAX_DIMENSIONS) {
        throw new InvalidInput(
            current,
            "the shape of %s has more than %d dimensions, but [n] or [n, 1] is expected"
                .formatted(described(), MAX_DIMENSIONS));
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
              .formatted(described()));
    }
    return parser.getLongValue();
  }

  private void readParameters(JsonParser parser) throws IOException {
    JsonText.requireObject(parser, "the parameters of " + described());
    for (String key = JsonText.nextMember(parser); key != null; key = JsonText.nextMember(parser)) {
      switch (key) {
        case BINARY_SIZE -> binarySize = binarySize(parser);
        case MissingRows.PARAMETER ->
            missingRows =
                JsonText.required(parser, "the parameter '%s' of %s".formatted(key, described()));
        case Tensor.CONTEXT ->
            isContext =
                JsonText.flag(parser, "the parameter '%s' of %s".formatted(key, described()));
        default -> parser.skipChildren();
      }
    }
  }

  private int binarySize(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() == JsonParser.NumberType.INT
        && parser.getIntValue() >= 0) {
      return parser.getIntValue();
    }
    throw new InvalidInput(
        current, "the binary_data_size of " + described() + " is not a number of bytes");
  }

  private Tensor binary() {
    if (dataStart >= 0 || values != null) {
      throw new InvalidInput(current, described() + " has both data and binary_data_size");
    }
    Datatype datatype = rules.datatype(current, datatypeName);
    int rows = rules.rows(current, shape);
    return InputTensor.of(
        rules,
        current,
        datatype,
        shape,
        RawTensor.read(current, datatype, rows, tail.take(current, binarySize)),
        missingRows,
        isContext);
  }

  private Tensor fromJson() throws IOException {
    if (values == null) {
      values = readDataAt();
    }
    rules.rows(current, shape);
    rules.requireValues(current, shape, values.rows());
    Tensor tensor = new Tensor(current, values.build(), isContext);
    if (missingRows != null) {
      MissingRows.mark(tensor, missingRows);
    }
    return tensor;
  }

  private void readOrMark(JsonParser parser) throws IOException {
    JsonText.requireArray(parser, "the data of " + described());
    if (current != null && datatypeName != null) {
      values = readData(parser);
    } else {
      // The keys of an object come in any order: come back here once the type is known.
      dataStart = Math.toIntExact(parser.currentTokenLocation().getByteOffset());
      parser.skipChildren();
    }
  }

  private ColumnBuilder readDataAt() throws IOException {
    byte[] bytes = body.bytes();
    if (dataStart < 0 || dataStart >= body.jsonLength() || bytes[dataStart] != '[') {
      throw new InvalidInput(current, described() + " has no data that can be read as UTF-8");
    }
    int length = body.jsonLength() - dataStart;
    try (JsonParser parser = JsonBody.FACTORY.createParser(bytes, dataStart, length)) {
      parser.nextToken();
      return readData(parser);
    }
  }

  private ColumnBuilder readData(JsonParser parser) throws IOException {
    Datatype datatype = rules.datatype(current, datatypeName);
    return TensorData.read(parser, rules, current, datatype);
  }
}
