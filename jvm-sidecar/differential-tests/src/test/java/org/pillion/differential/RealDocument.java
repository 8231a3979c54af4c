package org.pillion.differential;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBuilder;
import org.pillion.scoring.InputField;

/**
 * A document that a Spark pipeline was exported to, with rows of the table that it was fitted on
 * and the edge rows made of it: missing, unseen, NaN, infinite, at thresholds and next to them.
 *
 * @param name what it is called
 * @param pmml the document
 * @param rows values by field; JSON's text, number, boolean or null
 */
record RealDocument(String name, byte[] pmml, List<Map<String, Object>> rows) {
  private static final JsonFactory JSON = new JsonFactory();
  static final Path GOLDEN = Path.of("..", "..", "tests", "golden", "data");
  private static final Pattern PLAN =
      Pattern.compile("<Extension extender=\"pillion\".*?</Extension>", Pattern.DOTALL);
  private static final Path MODELS = Path.of("..", "..", "pmml-models");

  /**
   * All documents of the golden cases and of the published models that have a model, in order of
   * their names.
   */
  static List<Path> folders() {
    try (Stream<Path> golden = Files.list(GOLDEN);
        Stream<Path> models = Files.list(MODELS)) {
      return Stream.concat(golden, models.map(folder -> folder.resolve("1")))
          .filter(Files::isDirectory)
          .filter(RealDocument::hasModel)
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new IllegalStateException("the golden cases cannot be listed", e);
    }
  }

  private static boolean hasModel(Path folder) {
    try {
      return Files.readString(folder.resolve("model.pmml")).contains("<MiningSchema>");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The golden cases. */
  static List<Path> goldens() {
    return folders().stream().filter(folder -> folder.startsWith(GOLDEN)).toList();
  }

  /**
   * The document of a golden case as the converter wrote it, without the plan that Pillion adds.
   */
  static byte[] bare(Path folder) throws IOException {
    String document = Files.readString(folder.resolve("model.pmml"));
    return PLAN.matcher(document).replaceFirst("").getBytes(StandardCharsets.UTF_8);
  }

  static RealDocument read(Path folder) throws IOException {
    boolean golden = Files.exists(folder.resolve("case.json"));
    byte[] pmml = Files.readAllBytes(folder.resolve("model.pmml"));
    byte[] rows = Files.readAllBytes(folder.resolve(golden ? "rows.jsonl" : "verification.jsonl"));
    String name = (golden ? folder : folder.getParent()).getFileName().toString();
    return new RealDocument(name, pmml, inputs(rows));
  }

  /**
   * Values of a field, mostly of rows one after the other, and some of any row.
   *
   * @param start the first row
   */
  Column column(InputField field, int start, int count, Random random) {
    ColumnBuilder column = new ColumnBuilder(field.name(), field.type(), count);
    for (int i = 0; i < count; i++) {
      int row = random.nextInt(8) == 0 ? random.nextInt(rows.size()) : (start + i) % rows.size();
      column.addBoxed(boxed(rows.get(row).get(field.name()), field));
    }
    return column.build();
  }

  private static Object boxed(Object json, InputField field) {
    if (json == null) {
      return null;
    }
    return switch (field.type()) {
      case STRING -> json.toString();
      case BOOLEAN -> json;
      case INTEGER -> ((Number) json).longValue();
      case FLOAT -> (float) number(json);
      case DOUBLE -> number(json);
    };
  }

  private static double number(Object json) {
    return json instanceof Number number
        ? number.doubleValue()
        : Double.parseDouble(json.toString());
  }

  private static List<Map<String, Object>> inputs(byte[] jsonLines) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(jsonLines)) {
      while (parser.nextToken() != null) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          boolean input = parser.currentName().equals("input");
          parser.nextToken();
          if (input) {
            rows.add(row(parser));
          } else {
            parser.skipChildren();
          }
        }
      }
    }
    return rows;
  }

  private static Map<String, Object> row(JsonParser parser) throws IOException {
    Map<String, Object> row = new HashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      row.put(
          key,
          switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getText();
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NUMBER_INT ->
                parser.getText().equals("-0") ? (Object) (-0.0) : parser.getNumberValue();
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            default -> null;
          });
    }
    return row;
  }
}
