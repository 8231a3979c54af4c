package org.pillion.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The operators' decisions about all models; never changes.
 *
 * @param choices by model; a model without a decision is absent
 */
record ServingState(SortedMap<String, ServingChoice> choices) {
  static final ServingState EMPTY = new ServingState(new TreeMap<>());

  private static final JsonFactory FACTORY = new JsonFactory();
  private static final long FORMAT = 1;
  private static final String WHAT = "the state";

  ServingChoice of(String model) {
    return choices.getOrDefault(model, ServingChoice.DEFAULT);
  }

  ServingState with(String model, ServingChoice choice) {
    SortedMap<String, ServingChoice> changed = new TreeMap<>(choices);
    if (choice.equals(ServingChoice.DEFAULT)) {
      changed.remove(model);
    } else {
      changed.put(model, choice);
    }
    return new ServingState(changed);
  }

  static ServingState read(byte[] json) throws VersionRefused {
    Map<String, Object> root = JsonTree.object(json, WHAT);
    if (!Long.valueOf(FORMAT).equals(root.get("format"))) {
      throw new VersionRefused(WHAT + " has format " + root.get("format") + ", not " + FORMAT);
    }
    if (!(root.get("models") instanceof Map<?, ?> models)) {
      throw new VersionRefused(WHAT + " has no object 'models'");
    }
    SortedMap<String, ServingChoice> choices = new TreeMap<>();
    for (Map.Entry<?, ?> entry : models.entrySet()) {
      String model = (String) entry.getKey();
      if (!(entry.getValue() instanceof Map<?, ?> choice)) {
        throw new VersionRefused(WHAT + " of the model '" + model + "' is not an object");
      }
      choices.put(model, choice(model, choice));
    }
    return new ServingState(choices);
  }

  private static ServingChoice choice(String model, Map<?, ?> json) throws VersionRefused {
    List<Long> history = new ArrayList<>();
    if (json.get("history") instanceof List<?> items) {
      for (Object item : items) {
        history.add(version(model, item));
      }
    }
    Object pinned = json.get("pinned");
    return new ServingChoice(
        pinned == null ? ServingChoice.NEWEST : version(model, pinned),
        history,
        Boolean.TRUE.equals(json.get("unloaded")));
  }

  private static long version(String model, Object json) throws VersionRefused {
    if (json instanceof Long version && version > 0) {
      return version;
    }
    throw new VersionRefused(WHAT + " of the model '" + model + "' names no version: " + json);
  }

  byte[] toJson() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeNumberField("format", FORMAT);
      json.writeObjectFieldStart("models");
      for (Map.Entry<String, ServingChoice> entry : choices.entrySet()) {
        write(json, entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return out.toByteArray();
  }

  private static void write(JsonGenerator json, String model, ServingChoice choice)
      throws IOException {
    json.writeObjectFieldStart(model);
    if (choice.pinned() != ServingChoice.NEWEST) {
      json.writeNumberField("pinned", choice.pinned());
    }
    json.writeFieldName("history");
    json.writeStartArray();
    for (long version : choice.history()) {
      json.writeNumber(version);
    }
    json.writeEndArray();
    if (choice.unloaded()) {
      json.writeBooleanField("unloaded", true);
    }
    json.writeEndObject();
  }
}
