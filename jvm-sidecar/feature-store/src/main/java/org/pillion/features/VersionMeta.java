package org.pillion.features;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What describes a feature version.
 *
 * @param created when it was published, in seconds since 1970 UTC
 * @param users the schema of users' records; null where it says none
 * @param userBuckets over how many buckets users are spread whose ids are texts; 0 where ids are
 *     whole numbers
 * @param items the schema of items' records
 * @param idWidth bytes of an item's number in lists
 * @param segments those with a popularity list
 */
record VersionMeta(
    double created,
    ItemSchema users,
    int userBuckets,
    ItemSchema items,
    int idWidth,
    List<String> segments) {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * Reads the store's JSON.
   *
   * @throws StoreException when it is none, or lacks something
   */
  static VersionMeta read(byte[] json, long version) throws StoreException {
    Double created = null;
    Integer width = null;
    ItemSchema users = null;
    ItemSchema items = null;
    boolean textUsers = false;
    int buckets = 0;
    List<String> segments = null;
    try (JsonParser parser = JSON.createParser(json)) {
      require(parser.nextToken() == JsonToken.START_OBJECT, version);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        parser.nextToken();
        switch (key) {
          case "created" -> created = parser.getDoubleValue();
          case "id_width" -> width = parser.getIntValue();
          case "users" -> users = ItemSchema.of(kinds(parser, version));
          case "user_ids" -> textUsers = parser.getText().equals("string");
          case "user_buckets" -> buckets = parser.getIntValue();
          case "items" -> items = ItemSchema.of(kinds(parser, version));
          case "segments" -> segments = texts(parser, version);
          default -> parser.skipChildren();
        }
      }
    } catch (IOException e) {
      throw new StoreException(unreadable(version), e);
    }
    require(created != null && items != null && segments != null, version);
    require(!textUsers || buckets > 0, version);
    require(width != null && width >= 1 && width <= Long.BYTES, version);
    return new VersionMeta(created, users, textUsers ? buckets : 0, items, width, segments);
  }

  private static Map<String, String> kinds(JsonParser parser, long version)
      throws IOException, StoreException {
    require(parser.currentToken() == JsonToken.START_ARRAY, version);
    Map<String, String> kinds = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      List<String> field = texts(parser, version);
      require(field.size() == 2, version);
      require(kinds.put(field.get(0), field.get(1)) == null, version);
    }
    return kinds;
  }

  private static List<String> texts(JsonParser parser, long version)
      throws IOException, StoreException {
    require(parser.currentToken() == JsonToken.START_ARRAY, version);
    List<String> texts = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      require(parser.currentToken() == JsonToken.VALUE_STRING, version);
      texts.add(parser.getText());
    }
    return texts;
  }

  /**
   * The dictionary of items: their ids by number.
   *
   * @throws StoreException when it is none
   */
  static String[] names(byte[] json, long version) throws StoreException {
    try (JsonParser parser = JSON.createParser(json)) {
      parser.nextToken();
      return texts(parser, version).toArray(String[]::new);
    } catch (IOException e) {
      throw new StoreException("the dictionary of items cannot be read", e);
    }
  }

  private static void require(boolean holds, long version) throws StoreException {
    if (!holds) {
      throw new StoreException(unreadable(version));
    }
  }

  private static String unreadable(long version) {
    return "what describes feature version " + version + " in the store cannot be read";
  }
}
