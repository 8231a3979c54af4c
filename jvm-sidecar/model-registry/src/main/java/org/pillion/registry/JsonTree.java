package org.pillion.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a JSON document into maps, lists, strings, booleans, nulls and numbers; whole numbers are
 * {@code Long}, others {@code Double}.
 */
final class JsonTree {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private JsonTree() {}

  /**
   * Reads an object.
   *
   * @throws VersionRefused naming what was read, when it is not a JSON object
   */
  static Map<String, Object> object(byte[] json, String what) throws VersionRefused {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new VersionRefused(what + " is not a JSON object");
      }
      Map<String, Object> object = readObject(parser);
      if (parser.nextToken() != null) {
        throw new VersionRefused(what + " goes on after its JSON object");
      }
      return object;
    } catch (JsonProcessingException e) {
      throw new VersionRefused(what + " is not valid JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new VersionRefused(what + " cannot be read");
    }
  }

  /**
   * Reads an array.
   *
   * @throws VersionRefused naming what was read, when it is not a JSON array
   */
  static List<Object> array(byte[] json, String what) throws VersionRefused {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new VersionRefused(what + " is not a JSON array");
      }
      List<Object> array = readArray(parser);
      if (parser.nextToken() != null) {
        throw new VersionRefused(what + " goes on after its JSON array");
      }
      return array;
    } catch (JsonProcessingException e) {
      throw new VersionRefused(what + " is not valid JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new VersionRefused(what + " cannot be read");
    }
  }

  private static Map<String, Object> readObject(JsonParser parser) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      object.put(key, readValue(parser));
    }
    return object;
  }

  private static List<Object> readArray(JsonParser parser) throws IOException {
    List<Object> array = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(readValue(parser));
    }
    return array;
  }

  private static Object readValue(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> readObject(parser);
      case START_ARRAY -> readArray(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case VALUE_NUMBER_INT -> wholeNumber(parser);
      case VALUE_NUMBER_FLOAT -> (Object) parser.getDoubleValue();
      default -> null;
    };
  }

  /** "-0" is a whole number to JSON, and keeps its sign only as a double. */
  private static Object wholeNumber(JsonParser parser) throws IOException {
    if (parser.getText().equals("-0")) {
      return -0.0;
    }
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      return parser.getDoubleValue();
    }
    return parser.getLongValue();
  }
}
