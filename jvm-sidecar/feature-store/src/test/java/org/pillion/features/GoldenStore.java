package org.pillion.features;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A store of {@code tests/golden/store}: its keys in bytes, and what they mean.
 *
 * @param store has the keys that hold a string; users are in hashes, which nothing here reads
 * @param meaning objects are maps, arrays are lists, and numbers are their texts
 */
record GoldenStore(StoreFixture store, Map<String, Object> meaning) {
  private static final JsonFactory JSON = new JsonFactory();

  static GoldenStore read(String name) throws IOException {
    Path file = Path.of(System.getProperty("pillion.golden.stores"), name + ".json");
    Map<String, Object> whole;
    try (JsonParser parser = JSON.createParser(file.toFile())) {
      parser.nextToken();
      whole = map(value(parser));
    }
    StoreFixture store = new StoreFixture();
    map(whole.get("keys"))
        .forEach(
            (key, held) -> {
              Map<String, Object> entry = map(held);
              if (entry.get("type").equals("string")) {
                store.values.put(key, HexFormat.of().parseHex((String) entry.get("value")));
              } else {
                Map<String, byte[]> fields = new LinkedHashMap<>();
                map(entry.get("fields"))
                    .forEach(
                        (field, hex) -> fields.put(field, HexFormat.of().parseHex((String) hex)));
                store.hashValues.put(key, fields);
              }
            });
    return new GoldenStore(store, map(whole.get("meaning")));
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  @SuppressWarnings("unchecked")
  static <T> List<T> list(Object value) {
    return (List<T>) value;
  }

  private static Object value(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, Object> members = new LinkedHashMap<>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        members.put(name, value(parser));
      }
      return members;
    }
    if (token == JsonToken.START_ARRAY) {
      List<Object> elements = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        elements.add(value(parser));
      }
      return elements;
    }
    return token == JsonToken.VALUE_NULL ? null : parser.getText();
  }
}
