package org.pillion.features;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * The run whose answers, computed ahead, are in use.
 *
 * @param run its number
 * @param model which model scored
 * @param version which version of it
 * @param created when the run ended, in seconds since 1970 UTC
 */
public record BatchAnswers(long run, String model, long version, double created) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Reads the store's JSON. */
  static BatchAnswers read(byte[] json, long featureVersion) throws StoreException {
    Long run = null;
    String model = null;
    Long version = null;
    Double created = null;
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
    return new BatchAnswers(run, model, version, created);
  }

  private static String unreadable(long version) {
    return "what describes the batch answers of feature version " + version + " cannot be read";
  }
}
