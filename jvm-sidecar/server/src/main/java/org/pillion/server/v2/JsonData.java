package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import java.io.IOException;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.TensorColumn;
import org.pillion.server.text.Utf8;

/**
 * Reads a tensor's data in JSON: an array, flat or with a pair of brackets around each value, in
 * which {@code null} is missing.
 */
final class JsonData {
  private static final int MAX_DEPTH = 2;

  private JsonData() {}

  /** Reads the array that starts at the parser's current token. */
  static void read(JsonParser json, TensorColumn column) throws IOException {
    int depth = 1;
    int rowStart = 0;
    while (depth > 0) {
      JsonToken token = json.nextToken();
      if (token == JsonToken.START_ARRAY) {
        depth++;
        rowStart = column.rows();
        require(depth <= MAX_DEPTH, column, "is nested too deeply");
      } else if (token == JsonToken.END_ARRAY) {
        boolean one = depth < MAX_DEPTH || column.rows() == rowStart + 1;
        require(one, column, "must have one value in a row");
        depth--;
      } else {
        readOne(json, token, column);
      }
    }
  }

  private static void require(boolean holds, TensorColumn column, String what) {
    if (!holds) {
      String tensor = column.tensor();
      throw new InvalidInput(tensor, "the data of the input '%s' %s".formatted(tensor, what));
    }
  }

  private static void readOne(JsonParser json, JsonToken token, TensorColumn column)
      throws IOException {
    FieldType type = column.type();
    if (token == JsonToken.VALUE_NULL) {
      column.addMissing();
    } else if (type == FieldType.STRING && token == JsonToken.VALUE_STRING) {
      String text = json.getText();
      column.add(Utf8.encodes(text) ? text : null);
    } else if (type == FieldType.BOOLEAN && token.isBoolean()) {
      column.add(token == JsonToken.VALUE_TRUE);
    } else if (column.datatype().isInteger() && token == JsonToken.VALUE_NUMBER_INT) {
      column.add(wholeNumber(json, column));
    } else if (column.datatype().isFloating()) {
      readNumber(json, token, column);
    } else {
      throw column.refused(json.getText());
    }
  }

  private static long wholeNumber(JsonParser json, TensorColumn column) throws IOException {
    try {
      long value = json.getLongValue();
      if (column.datatype().holds(value)) {
        return value;
      }
    } catch (InputCoercionException e) {
      // Refused below, as other numbers out of the datatype's range.
    }
    throw column.refused(json.getText());
  }

  private static void readNumber(JsonParser json, JsonToken token, TensorColumn column)
      throws IOException {
    if (token == JsonToken.VALUE_STRING) {
      column.add(
          switch (json.getText()) {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> throw column.refused(json.getText());
          });
      return;
    }
    if (!token.isNumeric()) {
      throw column.refused(json.getText());
    }
    boolean isFloat = column.datatype() == Datatype.FP32;
    double value = isFloat ? json.getFloatValue() : json.getDoubleValue();
    if (!Double.isFinite(value)) {
      throw notFinite(json, value, column);
    }
    // JSON's "-0" is a whole number to the parser, and loses its sign as one.
    column.add(value == 0 && json.getText().startsWith("-") ? -0.0 : value);
  }

  /** Tells the words for numbers that are not finite, which are not JSON, from too large ones. */
  private static InvalidInput notFinite(JsonParser json, double value, TensorColumn column)
      throws IOException {
    String text = json.getText();
    if (Character.isDigit(text.charAt(text.length() - 1))) {
      return column.refused(text);
    }
    return new InvalidInput(
        column.tensor(),
        "the input '%s', row %d: %s is not JSON; write \"%s\", or null for a missing value"
            .formatted(column.tensor(), column.rows(), text, Double.toString(value)));
  }
}
