package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import org.pillion.scoring.InvalidInput;

/** Demands on the token that a parser stands at. */
final class JsonText {
  private JsonText() {}

  static String required(JsonParser json, String what) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw new InvalidInput(what + " is not a string");
    }
    return json.getText();
  }

  static void requireObject(JsonParser json, String what) {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new InvalidInput(what + " is not an object");
    }
  }

  static void requireArray(JsonParser json, String what) {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new InvalidInput(what + " is not an array");
    }
  }
}
