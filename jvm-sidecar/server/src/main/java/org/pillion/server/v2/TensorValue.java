package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import java.io.IOException;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.text.Truncated;

/**
 * One item of a tensor's data: {@code null} is missing, any other item must have an exact value of
 * the tensor's datatype and then of the field's type.
 */
final class TensorValue {
  private final String tensor;
  private final Datatype datatype;

  TensorValue(String tensor, Datatype datatype) {
    this.tensor = tensor;
    this.datatype = datatype;
  }

  /** Adds the item at the parser's current token to a column. */
  void add(JsonParser json, ColumnBuilder column) throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      column.addMissing();
      return;
    }
    switch (column.type()) {
      case STRING -> {
        require(token == JsonToken.VALUE_STRING, json, column);
        column.add(json.getText());
      }
      case BOOLEAN -> {
        require(token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE, json, column);
        column.add(token == JsonToken.VALUE_TRUE);
      }
      case INTEGER -> column.add(wholeNumber(json, column));
      case FLOAT -> {
        double value = number(json, column);
        // FP32 was rounded to a float already; anything else must be one as it is.
        require((float) value == value || Double.isNaN(value), json, column);
        column.add((float) value);
      }
      case DOUBLE -> column.add(number(json, column));
    }
  }

  private long wholeNumber(JsonParser json, ColumnBuilder column) throws IOException {
    require(json.currentToken() == JsonToken.VALUE_NUMBER_INT, json, column);
    try {
      long value = json.getLongValue();
      require(datatype.holds(value), json, column);
      return value;
    } catch (InputCoercionException e) {
      throw refused(json, column);
    }
  }

  private double number(JsonParser json, ColumnBuilder column) throws IOException {
    if (datatype.isInteger()) {
      long whole = wholeNumber(json, column);
      // The cast back saturates at the largest long, which a double rounds up past.
      require((long) (double) whole == whole && whole != Long.MAX_VALUE, json, column);
      return whole;
    }
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      return switch (json.getText()) {
        case "NaN" -> Double.NaN;
        case "Infinity" -> Double.POSITIVE_INFINITY;
        case "-Infinity" -> Double.NEGATIVE_INFINITY;
        default -> throw refused(json, column);
      };
    }
    require(json.currentToken().isNumeric(), json, column);
    double value = datatype == Datatype.FP32 ? json.getFloatValue() : json.getDoubleValue();
    if (!Double.isFinite(value) && !Character.isDigit(lastCharacter(json))) {
      throw new InvalidInput(
          tensor,
          "the input '%s', row %d: %s is not JSON; write \"%s\", or null for a missing value"
              .formatted(tensor, column.rows(), json.getText(), Double.toString(value)));
    }
    require(Double.isFinite(value), json, column);
    // JSON's "-0" is a whole number to the parser, and loses its sign as one.
    return value == 0 && json.getText().startsWith("-") ? -0.0 : value;
  }

  /**
   * Tells the words for non-finite numbers, which are not JSON, from numbers that are too large.
   */
  private static char lastCharacter(JsonParser json) throws IOException {
    String text = json.getText();
    return text.charAt(text.length() - 1);
  }

  private void require(boolean holds, JsonParser json, ColumnBuilder column) throws IOException {
    if (!holds) {
      throw refused(json, column);
    }
  }

  private InvalidInput refused(JsonParser json, ColumnBuilder column) throws IOException {
    String field = column.type().text();
    String type = datatype.fits(column.type()) ? datatype + " for a field of type " + field : field;
    return new InvalidInput(
        tensor,
        "the input '%s', row %d: %s is not a value of %s"
            .formatted(tensor, column.rows(), Truncated.of(json.getText()), type));
  }
}
