package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.inference.Datatype;
import org.pillion.server.inference.Failure;
import org.pillion.server.inference.Tensor;

/** Reads the tensors of one request body. */
final class TensorReader {
  /** Data is flat, or has one level of brackets per dimension of {@code [n, 1]}. */
  private static final int MAX_DATA_DEPTH = 2;

  private final FeatureContract contract;
  private final Map<String, Integer> positions;
  private final int maxRows;
  private final byte[] body;
  private String current;

  TensorReader(FeatureContract contract, int maxRows, byte[] body) {
    this.contract = contract;
    this.positions = contract.inputPositions();
    this.maxRows = maxRows;
    this.body = body;
  }

  /** Name of the tensor being read, or null when none is or its name is not known yet. */
  String current() {
    return current;
  }

  /** Reads the tensor whose object starts at the parser's current token. */
  Tensor read(JsonParser json) throws IOException {
    JsonText.requireObject(json, "an item of 'inputs'");
    String datatype = null;
    List<Long> shape = null;
    ColumnBuilder values = null;
    int dataStart = -1;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      switch (key) {
        case "name" -> current = JsonText.required(json, "the name of an input");
        case "datatype" -> datatype = JsonText.required(json, "the datatype of " + described());
        case "shape" -> shape = readShape(json);
        case "data" -> {
          JsonText.requireArray(json, "the data of " + described());
          if (current != null && datatype != null) {
            values = readData(json, datatype);
          } else {
            // The keys of an object come in any order: come back here once the type is known.
            dataStart = Math.toIntExact(json.currentTokenLocation().getByteOffset());
            json.skipChildren();
          }
        }
        default -> json.skipChildren();
      }
    }
    requireAll(datatype, shape);
    if (values == null) {
      values = readDataAt(dataStart, datatype);
    }
    requireShape(shape, values.rows());
    Tensor tensor = new Tensor(current, values.build());
    current = null;
    return tensor;
  }

  private String described() {
    return current == null ? "an input" : "the input '" + current + "'";
  }

  private void requireAll(String datatype, List<Long> shape) {
    if (current == null) {
      throw new InvalidInput("an item of 'inputs' has no name");
    }
    if (datatype == null) {
      throw new InvalidInput(current, described() + " has no datatype");
    }
    if (shape == null) {
      throw new InvalidInput(current, described() + " has no shape");
    }
  }

  private List<Long> readShape(JsonParser json) throws IOException {
    JsonText.requireArray(json, "the shape of " + described());
    List<Long> shape = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new InvalidInput(current, "the shape of " + described() + " has no whole numbers");
      }
      shape.add(json.getLongValue());
    }
    return shape;
  }

  private void requireShape(List<Long> shape, int rows) {
    boolean column = shape.size() == 1 || shape.size() == 2 && shape.get(1) == 1;
    if (!column || shape.get(0) < 0) {
      throw new InvalidInput(
          current, described() + " has the shape " + shape + ", but [n] or [n, 1] is expected");
    }
    if (shape.get(0) != rows) {
      throw new InvalidInput(
          current,
          "%s has the shape %s, but its data has %d values".formatted(described(), shape, rows));
    }
  }

  private ColumnBuilder readDataAt(int start, String datatype) throws IOException {
    if (start < 0 || start >= body.length || body[start] != '[') {
      throw new InvalidInput(current, described() + " has no data that can be read as UTF-8");
    }
    try (JsonParser json = JsonBody.FACTORY.createParser(body, start, body.length - start)) {
      json.nextToken();
      return readData(json, datatype);
    }
  }

  private ColumnBuilder readData(JsonParser json, String datatypeName) throws IOException {
    FieldType type = fieldType();
    Datatype datatype = Datatype.of(datatypeName, current);
    if (!datatype.fits(type)) {
      throw new InvalidInput(
          current,
          "%s is of type %s, so its datatype is one of %s, not %s"
              .formatted(described(), type.text(), Datatype.accepted(type), datatype));
    }
    ColumnBuilder values = new ColumnBuilder(type);
    TensorValue value = new TensorValue(current, datatype);
    int depth = 1;
    int rowStart = 0;
    while (depth > 0) {
      JsonToken token = json.nextToken();
      if (token == JsonToken.START_ARRAY) {
        depth++;
        rowStart = values.rows();
        if (depth > MAX_DATA_DEPTH) {
          throw new InvalidInput(current, "the data of " + described() + " is nested too deeply");
        }
      } else if (token == JsonToken.END_ARRAY) {
        if (depth == MAX_DATA_DEPTH && values.rows() != rowStart + 1) {
          throw new InvalidInput(
              current, "the data of " + described() + " must have one value in a row");
        }
        depth--;
      } else {
        if (values.rows() == maxRows) {
          throw new Failure(
              Failure.Kind.TOO_LARGE,
              described() + " has more rows than the " + maxRows + " allowed");
        }
        value.add(json, values);
      }
    }
    return values;
  }

  private FieldType fieldType() {
    Integer position = positions.get(current);
    if (position == null) {
      throw new InvalidInput(current, "the field '" + current + "' is not an input of the model");
    }
    return contract.inputs().get(position).type();
  }
}
