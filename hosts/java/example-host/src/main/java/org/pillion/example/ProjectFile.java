package org.pillion.example;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.pillion.recommender.FirstPhase;
import org.pillion.recommender.OnlineField;
import org.pillion.recommender.Serving;
import org.pillion.scoring.FieldType;

/**
 * What {@code pillion.toml} says that is served.
 *
 * @param model the model of requests that name none; null where it does not say
 * @param k how many items a request gets that does not say it
 * @param candidates how many popular items are ranked
 * @param segments the request's fields that make a segment
 * @param online what a request may say of itself
 * @param defaults what stands in for missing features
 * @param serving how models are served, by name
 * @param textUsers whether users' ids are texts
 * @param textItems whether items' ids are texts
 */
record ProjectFile(
    String model,
    int k,
    int candidates,
    List<String> segments,
    List<OnlineField> online,
    Map<String, Object> defaults,
    Map<String, Serving> serving,
    boolean textUsers,
    boolean textItems) {
  private static final String FILE = "pillion.toml";

  /**
   * Reads the file that PILLION_CONFIG names, else {@code pillion.toml} in the working directory,
   * else in the model repository; an empty one where there is none.
   *
   * @throws IOException when it cannot be read, or is no TOML; names the file
   */
  static ProjectFile find(Environment environment, Path models) throws IOException {
    Path named = environment.path("PILLION_CONFIG", null);
    if (named != null) {
      return read(named);
    }
    for (Path folder : List.of(Path.of(""), models)) {
      if (Files.isRegularFile(folder.resolve(FILE))) {
        return read(folder.resolve(FILE));
      }
    }
    return of(MissingNode.getInstance());
  }

  private static ProjectFile read(Path file) throws IOException {
    try (InputStream text = Files.newInputStream(file)) {
      return of(new TomlMapper().readTree(text));
    } catch (NoSuchFileException e) {
      throw new IOException(file + " cannot be read: there is no such file", e);
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + ", line %d: ".formatted(e.getLocation().getLineNr()) + e.getOriginalMessage(), e);
    }
  }

  private static ProjectFile of(JsonNode root) {
    List<String> segments = new ArrayList<>();
    root.path("segments").forEach(name -> segments.add(name.textValue()));
    List<OnlineField> online = new ArrayList<>();
    Map<String, Object> defaults = new HashMap<>();
    for (Map.Entry<String, JsonNode> input : root.path("inputs").properties()) {
      JsonNode declared = input.getValue();
      if (declared.path("source").asText().equals("online")) {
        online.add(field(input.getKey(), declared));
      } else if (declared.has("default")) {
        defaults.put(input.getKey(), value(declared.get("default")));
      }
    }
    Map<String, Serving> serving = new HashMap<>();
    for (Map.Entry<String, JsonNode> model : root.path("models").properties()) {
      serving.put(model.getKey(), serving(model.getKey(), model.getValue()));
    }
    return new ProjectFile(
        root.path("model").textValue(),
        root.path("k").asInt(10),
        root.path("candidates").asInt(200),
        segments,
        online,
        defaults,
        serving,
        root.path("users").path("type").asText().equals("string"),
        root.path("items").path("type").asText().equals("string"));
  }

  private static Serving serving(String model, JsonNode said) {
    String mode = said.path("mode").asText("online");
    JsonNode phase = said.path("first_phase");
    return new Serving(
        switch (mode) {
          case "online" -> Serving.Mode.ONLINE;
          case "batch" -> Serving.Mode.BATCH;
          case "auto" -> Serving.Mode.AUTO;
          default ->
              throw new IllegalArgumentException(
                  "the model '%s' has the mode '%s', which is none of online, batch and auto"
                      .formatted(model, mode));
        },
        said.has("max_age_hours")
            ? Duration.ofSeconds((long) (3600 * said.get("max_age_hours").asDouble()))
            : Serving.ONLINE.maxAge(),
        phase.isObject()
            ? new FirstPhase(phase.path("user").asText(), phase.path("item").asText())
            : null);
  }

  private static OnlineField field(String name, JsonNode declared) {
    JsonNode range = declared.path("range");
    String derive = declared.path("derive").textValue();
    return new OnlineField(
        name,
        type(name, declared.path("type").asText("string")),
        range.isArray() ? new double[] {range.get(0).asDouble(), range.get(1).asDouble()} : null,
        derive == null ? null : OnlineField.Derive.valueOf(derive.toUpperCase(Locale.ROOT)),
        ZoneId.of(declared.path("zone").asText("UTC")),
        declared.has("default") ? value(declared.get("default")) : null);
  }

  private static FieldType type(String name, String text) {
    return switch (text) {
      case "string" -> FieldType.STRING;
      case "integer" -> FieldType.INTEGER;
      case "float" -> FieldType.FLOAT;
      case "double" -> FieldType.DOUBLE;
      case "boolean" -> FieldType.BOOLEAN;
      default ->
          throw new IllegalArgumentException(
              "this host takes no values of the type '%s', as the input '%s' is"
                  .formatted(text, name));
    };
  }

  private static Object value(JsonNode json) {
    if (json.isTextual()) {
      return json.textValue();
    }
    if (json.isBoolean()) {
      return json.booleanValue();
    }
    return json.isIntegralNumber() ? (Object) json.longValue() : (Object) json.doubleValue();
  }
}
