package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.Column;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.RowError;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.inference.Datatype;
import org.pillion.server.inference.InferRequest;
import org.pillion.server.inference.Scored;
import org.pillion.server.inference.Timings;

/** The JSON of a V2 inference response: missing is null, non-finite numbers are strings. */
final class InferResponseWriter {
  private InferResponseWriter() {}

  static byte[] write(Scored scored) {
    ModelVersion model = scored.model();
    InferRequest request = scored.request();
    ScoreResult result = scored.result();
    return JsonBody.write(
        json -> {
          json.writeStartObject();
          json.writeStringField("model_name", model.id().model());
          json.writeStringField("model_version", Integer.toString(model.id().version()));
          if (request.id() != null) {
            json.writeStringField("id", request.id());
          }
          writeParameters(json, model, result.errors(), scored.timings());
          json.writeArrayFieldStart("outputs");
          for (int position : request.outputs()) {
            writeTensor(json, result.fields().get(position), result.columns().get(position));
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void writeParameters(
      JsonGenerator json, ModelVersion model, List<RowError> errors, Timings timings)
      throws IOException {
    json.writeObjectFieldStart("parameters");
    json.writeStringField("engine", model.scorer().engine());
    json.writeStringField("arithmetic", model.scorer().arithmetic().text());
    json.writeStringField("timings", timings.toJson());
    if (!errors.isEmpty()) {
      json.writeStringField("row_errors", rowErrors(errors));
    }
    json.writeEndObject();
  }

  /** V2 parameters are scalars, so the list travels as JSON in a string. */
  private static String rowErrors(List<RowError> errors) {
    byte[] text =
        JsonBody.write(
            json -> {
              json.writeStartArray();
              for (RowError error : errors) {
                json.writeStartObject();
                json.writeNumberField("row", error.row());
                json.writeStringField("field", error.field());
                json.writeStringField("value", error.value());
                json.writeStringField("message", error.message());
                json.writeEndObject();
              }
              json.writeEndArray();
            });
    return new String(text, StandardCharsets.UTF_8);
  }

  private static void writeTensor(JsonGenerator json, OutputField field, Column column)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", field.name());
    json.writeStringField("datatype", Datatype.of(field.type()).name());
    json.writeArrayFieldStart("shape");
    json.writeNumber(column.rows());
    json.writeEndArray();
    json.writeArrayFieldStart("data");
    boolean[] missing = column.missing();
    for (int row = 0; row < missing.length; row++) {
      if (missing[row]) {
        json.writeNull();
      } else {
        writeValue(json, column, row);
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeValue(JsonGenerator json, Column column, int row) throws IOException {
    if (column instanceof Column.Doubles doubles) {
      json.writeNumber(doubles.values()[row]);
    } else if (column instanceof Column.Strings strings) {
      json.writeString(strings.values()[row]);
    } else if (column instanceof Column.Longs longs) {
      json.writeNumber(longs.values()[row]);
    } else if (column instanceof Column.Floats floats) {
      json.writeNumber(floats.values()[row]);
    } else if (column instanceof Column.Booleans booleans) {
      json.writeBoolean(booleans.values()[row]);
    }
  }
}
