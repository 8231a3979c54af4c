package org.pillion.features;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The run whose answers, computed ahead, are in use.
 *
 * @param run its number
 * @param model which model scored
 * @param version which version of it
 * @param created when the run ended, in seconds since 1970 UTC
 * @param assumed what it took for a request's own; null where answers came from elsewhere, and
 *     nobody knows
 */
public record BatchAnswers(long run, String model, long version, double created, Assumed assumed) {
  private static final JsonFactory JSON = new JsonFactory();

  /**
   * What a run took for what a request says of itself.
   *
   * @param online the request's own values: Boolean, Long, Double or String, by name
   * @param segment whose popular items were candidates; null for everybody's
   * @param verdict what the planner says of the workload: {@code batch} or {@code online}
   */
  public record Assumed(Map<String, Object> online, String segment, String verdict) {}

  /** Reads the store's JSON. */
  static BatchAnswers read(byte[] json, long featureVersion) throws StoreException {
    Long run = null;
    String model = null;
    Long version = null;
    Double created = null;
    Assumed assumed = null;
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          switch (key) {
            case "run" -> run = parser.getLongValue();
            case "model" -> model = parser.getText();
            case "version" -> version = parser.getLongValue();
            case "created" -> created = parser.getDoubleValue();
            case "assumed" -> assumed = assumed(parser);
            default -> parser.skipChildren();
          }
        }
      }
    } catch (IOException e) {
      throw new StoreException(unreadable(featureVersion), e);
    }
    if (run == null || model == null || version == null || created == null) {
      throw new StoreException(unreadable(featureVersion));
    }
    return new BatchAnswers(run, model, version, created, assumed);
  }

  /** An object, or null; a run without a verdict has none. */
  private static Assumed assumed(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return null;
    }
    Map<String, Object> online = new HashMap<>();
    String segment = null;
    String verdict = "";
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "online" -> {
          while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            online.put(name, value(parser));
          }
        }
        case "segment" -> segment = parser.getValueAsString();
        case "verdict" -> verdict = parser.getText();
        default -> parser.skipChildren();
      }
    }
    return new Assumed(online, segment, verdict);
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case VALUE_NUMBER_INT -> (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> (Object) parser.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE -> (Object) parser.getBooleanValue();
      case VALUE_NULL -> null;
      default -> parser.getText();
    };
  }

  private static String unreadable(long version) {
    return "what describes the batch answers of feature version " + version + " cannot be read";
  }
}
