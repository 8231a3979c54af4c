package org.pillion.server.openscoring;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.Column;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.OutputKind;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.http.JsonText;
import org.pillion.server.text.Truncated;
import org.pillion.server.v2.InferResponseWriter;

/** The JSON documents of the Openscoring dialect. */
final class OpenscoringJson {
  /** A place in a list that grows. */
  private static final int ID_BYTES = 12;

  private OpenscoringJson() {}

  /**
   * Requests to evaluate, as one batch.
   *
   * @param id the batch's id, or null
   * @param ids each request's id, or null
   */
  record Requests(String id, List<String> ids, ColumnBatch batch) {}

  /** Reads one request. */
  static Requests evaluation(byte[] body, OpenscoringRows rows, MemoryBudget memory) {
    Evaluation evaluation = new Evaluation(rows);
    JsonText.readObject(body, body.length, () -> null, memory, evaluation);
    rows.endRow();
    return new Requests(null, Collections.singletonList(evaluation.id), rows.batch());
  }

  /** The members of one request: its id, and the arguments of a row. */
  private static final class Evaluation implements JsonText.Member {
    private final OpenscoringRows rows;
    private String id;

    Evaluation(OpenscoringRows rows) {
      this.rows = rows;
    }

    @Override
    public void read(String key, JsonParser parser) throws IOException {
      switch (key) {
        case "id" -> id = JsonText.required(parser, "'id'");
        case "arguments" -> readArguments(parser, rows);
        default -> parser.skipChildren();
      }
    }
  }

  /** Reads a batch of requests. */
  static Requests batch(byte[] body, OpenscoringRows rows, MemoryBudget memory) {
    String[] id = {null};
    List<String> ids = new ArrayList<>();
    JsonText.readObject(
        body,
        body.length,
        () -> null,
        memory,
        (key, parser) -> {
          switch (key) {
            case "id" -> id[0] = JsonText.required(parser, "'id'");
            case "requests" -> readRequests(parser, rows, ids, memory);
            default -> parser.skipChildren();
          }
        });
    return new Requests(id[0], ids, rows.batch());
  }

  private static void readRequests(
      JsonParser parser, OpenscoringRows rows, List<String> ids, MemoryBudget memory)
      throws IOException {
    JsonText.requireArray(parser, "'requests'");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Evaluation evaluation = new Evaluation(rows);
      JsonText.readMembers(parser, evaluation, "an item of 'requests'");
      rows.endRow();
      memory.take(ID_BYTES);
      memory.take(evaluation.id);
      ids.add(evaluation.id);
    }
  }

  private static void readArguments(JsonParser parser, OpenscoringRows rows) throws IOException {
    JsonText.requireObject(parser, "'arguments'");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      rows.add(field, value(field, parser.nextToken(), parser));
    }
  }

  private static Object value(String field, JsonToken token, JsonParser parser) throws IOException {
    return switch (token) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case VALUE_STRING -> JsonText.required(parser, "the argument '%s'", field);
      case VALUE_NUMBER_INT ->
          parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
              ? number(field, parser)
              : (Object) parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> number(field, parser);
      default ->
          throw new InvalidInput(field, "the argument '" + field + "' is not a single value");
    };
  }

  /** A number of digits is finite, or refused. */
  private static Object number(String field, JsonParser parser) throws IOException {
    double value = parser.getDoubleValue();
    String text = parser.getText();
    if (!Double.isFinite(value) && Character.isDigit(text.charAt(text.length() - 1))) {
      throw new InvalidInput(
          field,
          "the argument '%s': %s is too large for a double".formatted(field, Truncated.of(text)));
    }
    return value;
  }

  /** Writes the answers to a batch of requests. */
  static void writeBatch(JsonGenerator json, Requests requests, ScoreResult result)
      throws IOException {
    json.writeStartObject();
    if (requests.id() != null) {
      json.writeStringField("id", requests.id());
    }
    json.writeArrayFieldStart("responses");
    Iterator<RowError> errors = result.errors().iterator();
    RowError next = errors.hasNext() ? errors.next() : null;
    for (int row = 0; row < result.rows(); row++) {
      RowError error = null;
      if (next != null && next.row() == row) {
        error = next;
        next = errors.hasNext() ? errors.next() : null;
      }
      writeEvaluation(json, requests.ids().get(row), result, row, error);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /**
   * Writes the answer to one request.
   *
   * @param error why it could not be evaluated, or null
   */
  static void writeEvaluation(
      JsonGenerator json, String id, ScoreResult result, int row, RowError error)
      throws IOException {
    json.writeStartObject();
    if (id != null) {
      json.writeStringField("id", id);
    }
    if (error != null) {
      json.writeStringField("message", error.message());
      json.writeEndObject();
      return;
    }
    json.writeObjectFieldStart("results");
    for (int i = 0; i < result.fields().size(); i++) {
      json.writeFieldName(result.fields().get(i).name());
      Column column = result.columns().get(i);
      if (column.isMissing(row)) {
        json.writeNull();
      } else {
        InferResponseWriter.writeValue(json, column, row);
      }
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  /** What the dialect says of a model. */
  static JsonObject model(String id, ModelVersion model) {
    FeatureContract contract = model.scorer().contract();
    JsonArray inputs = new JsonArray();
    for (InputField input : contract.inputs()) {
      JsonObject field =
          field(input.name(), input.type()).put("opType", input.operationalType().text());
      if (!input.values().isEmpty()) {
        field.put("values", input.values().stream().map(Object::toString).toList());
      }
      inputs.add(field);
    }
    JsonObject described = new JsonObject().put("id", id);
    model.document().miningFunction().ifPresent(name -> described.put("miningFunction", name));
    return described
        .put("properties", new JsonObject())
        .put(
            "schema",
            new JsonObject()
                .put("inputFields", inputs)
                .put("targetFields", outputs(contract, true))
                .put("outputFields", outputs(contract, false)));
  }

  private static JsonObject field(String name, FieldType type) {
    return new JsonObject().put("id", name).put("dataType", type.text());
  }

  private static List<JsonObject> outputs(FeatureContract contract, boolean targets) {
    return contract.outputs().stream()
        .filter(output -> targets == (output.kind() == OutputKind.TARGET))
        .map(output -> field(output.name(), output.type()))
        .toList();
  }
}
