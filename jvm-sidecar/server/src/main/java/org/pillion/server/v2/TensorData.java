package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.InvalidInput;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.InputRules;

/** Reads a tensor's array of data: flat, or with a pair of brackets around each value. */
final class TensorData {
  private static final int MAX_DATA_DEPTH = 2;
  private static final int INITIAL_ROWS = 16;

  private TensorData() {}

  /** Reads the array that starts at the parser's current token. */
  static ColumnBuilder read(JsonParser parser, InputRules rules, String tensor, Datatype datatype)
      throws IOException {
    ColumnBuilder values =
        new ColumnBuilder(tensor, rules.type(tensor), INITIAL_ROWS, rules.memory());
    TensorValue value = new TensorValue(tensor, datatype);
    int depth = 1;
    int rowStart = 0;
    while (depth > 0) {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.START_ARRAY) {
        depth++;
        rowStart = values.rows();
        if (depth > MAX_DATA_DEPTH) {
          throw new InvalidInput(
              tensor, "the data of the input '%s' is nested too deeply".formatted(tensor));
        }
      } else if (token == JsonToken.END_ARRAY) {
        if (depth == MAX_DATA_DEPTH && values.rows() != rowStart + 1) {
          throw new InvalidInput(
              tensor, "the data of the input '%s' must have one value in a row".formatted(tensor));
        }
        depth--;
      } else {
        rules.requireRoom(tensor, values.rows() + 1L);
        value.add(parser, values);
      }
    }
    return values;
  }
}
