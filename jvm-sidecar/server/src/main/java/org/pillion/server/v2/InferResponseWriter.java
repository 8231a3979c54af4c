package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.Column;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.JsonBody;
import org.pillion.server.inference.ResponseHeader;
import org.pillion.server.inference.RowErrors;
import org.pillion.server.inference.Scored;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.MissingRows;
import org.pillion.server.tensor.RawTensor;

/** The JSON of a V2 inference response: missing is null, non-finite numbers are strings. */
public final class InferResponseWriter {
  private InferResponseWriter() {}

  /**
   * The response: JSON, followed by the bytes of the binary tensors.
   *
   * @param isBinary whether an output is binary
   */
  public static HttpResponse write(Scored scored, Predicate<OutputField> isBinary) {
    ScoreResult result = scored.result();
    List<byte[]> tail = new ArrayList<>();
    byte[] json =
        JsonBody.write(
            scored.memory(),
            generator -> {
              generator.writeStartObject();
              writeHeader(generator, scored.header());
              generator.writeArrayFieldStart("outputs");
              for (int position : scored.request().outputs()) {
                OutputField field = result.fields().get(position);
                Column column = result.columns().get(position);
                if (isBinary.test(field)) {
                  tail.add(RawTensor.write(column));
                  writeBinary(generator, field, column, tail.get(tail.size() - 1).length);
                } else {
                  writeTensor(generator, field, column);
                }
              }
              generator.writeEndArray();
              generator.writeEndObject();
            });
    return tail.isEmpty() ? HttpResponse.json(200, json) : binary(json, tail);
  }

  /** JSON followed by the bytes of tensors. */
  private static HttpResponse binary(byte[] json, List<byte[]> tensors) {
    int length = json.length;
    for (byte[] tensor : tensors) {
      length = Math.addExact(length, tensor.length);
    }
    ByteBuffer body = ByteBuffer.allocate(length).put(json);
    tensors.forEach(body::put);
    return new HttpResponse(
        200,
        "application/octet-stream",
        body.array(),
        Map.of(InferBody.HEADER, Integer.toString(json.length)));
  }

  static void writeHeader(JsonGenerator json, ResponseHeader header) throws IOException {
    ModelVersion model = header.model();
    json.writeStringField("model_name", model.id().model());
    json.writeStringField("model_version", Long.toString(model.id().version()));
    if (header.id() != null) {
      json.writeStringField("id", header.id());
    }
    writeParameters(json, header);
  }

  private static void writeParameters(JsonGenerator json, ResponseHeader header)
      throws IOException {
    ModelVersion model = header.model();
    json.writeObjectFieldStart("parameters");
    json.writeStringField("engine", model.scorer().engine());
    json.writeStringField("arithmetic", model.scorer().arithmetic().text());
    json.writeStringField("timings", header.timings().toJson());
    if (header.reason() != null) {
      json.writeStringField(ResponseHeader.REASON, header.reason());
    }
    if (!header.errors().isEmpty()) {
      json.writeStringField(RowErrors.PARAMETER, RowErrors.toJson(header.errors()));
    }
    json.writeEndObject();
  }

  private static void writeBinary(JsonGenerator json, OutputField field, Column column, int size)
      throws IOException {
    json.writeStartObject();
    writeShape(json, field, column);
    json.writeObjectFieldStart("parameters");
    json.writeNumberField("binary_data_size", size);
    String missing = MissingRows.text(column.missing());
    if (missing != null) {
      json.writeStringField(MissingRows.PARAMETER, missing);
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void writeShape(JsonGenerator json, OutputField field, Column column)
      throws IOException {
    json.writeStringField("name", field.name());
    json.writeStringField("datatype", Datatype.of(field.type()).name());
    json.writeArrayFieldStart("shape");
    json.writeNumber(column.rows());
    json.writeEndArray();
  }

  private static void writeTensor(JsonGenerator json, OutputField field, Column column)
      throws IOException {
    json.writeStartObject();
    writeShape(json, field, column);
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

  public static void writeValue(JsonGenerator json, Column column, int row) throws IOException {
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
