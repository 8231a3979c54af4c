package org.pillion.ranker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;

/** The published models' rows, with the outputs that Spark computed. */
public final class VerificationSets {
  /** The folder of the published models, from the folder of a module. */
  public static final Path MODELS = Path.of("../../../pmml-models");

  private static final ObjectMapper JSON = new ObjectMapper();

  private VerificationSets() {}

  /** The inputs of a model's first version, a column a field. */
  public static Map<String, List<?>> inputs(String model, FeatureContract contract)
      throws IOException {
    Map<String, List<?>> columns = new LinkedHashMap<>();
    List<JsonNode> rows = rows(model);
    for (InputField field : contract.inputs()) {
      List<Object> values = new ArrayList<>();
      rows.forEach(row -> values.add(value(row.get("input").get(field.name()), field.type())));
      columns.put(field.name(), values);
    }
    return columns;
  }

  /** What Spark computed, a row each; null where it refused the row. */
  public static List<JsonNode> expected(String model) throws IOException {
    return rows(model).stream()
        .map(row -> row.get("expected"))
        .map(row -> row.path("error").asBoolean() ? null : row)
        .toList();
  }

  /** Holds what was scored of a model's rows against what Spark computed, bit by bit. */
  public static void assertSparksBits(String model, ScoreResult scored) throws IOException {
    List<JsonNode> expected = expected(model);
    int compared = 0;
    for (int i = 0; i < scored.fields().size(); i++) {
      OutputField field = scored.fields().get(i);
      for (int row = 0; row < expected.size(); row++) {
        if (expected.get(row) != null && expected.get(row).has(field.name())) {
          Object value = value(expected.get(row).get(field.name()), field.type());
          assertEquals(value, scored.columns().get(i).value(row), field.name() + ", row " + row);
          compared++;
        }
      }
    }
    assertTrue(compared > expected.size(), "only " + compared + " values were compared");
  }

  /** Where the inputs come from, {@code user}, {@code item} or {@code online}. */
  public static Map<String, String> sources(String model) throws IOException {
    Map<String, String> sources = new HashMap<>();
    JsonNode manifest = JSON.readTree(MODELS.resolve(model + "/1/manifest.json").toFile());
    manifest
        .at("/contract/inputs")
        .forEach(
            input ->
                sources.put(input.get("name").asText(), input.path("source").asText("online")));
    return sources;
  }

  /** A value of JSON in a type; numbers that are not finite are texts. */
  public static Object value(JsonNode json, FieldType type) {
    if (json == null || json.isNull()) {
      return null;
    }
    return switch (type) {
      case BOOLEAN -> json.booleanValue();
      case INTEGER -> json.longValue();
      case FLOAT -> (float) number(json);
      case DOUBLE -> number(json);
      case STRING -> json.textValue();
    };
  }

  private static double number(JsonNode json) {
    return json.isTextual() ? Double.parseDouble(json.textValue()) : json.doubleValue();
  }

  private static List<JsonNode> rows(String model) throws IOException {
    List<JsonNode> rows = new ArrayList<>();
    for (String line : Files.readAllLines(MODELS.resolve(model + "/1/verification.jsonl"))) {
      rows.add(JSON.readTree(line));
    }
    return rows;
  }
}
