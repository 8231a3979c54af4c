package org.pillion.server.v2;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.pillion.registry.Catalog;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.http.JsonBody;
import org.pillion.server.inference.InferService;
import org.pillion.server.inference.Warmup;
import org.pillion.server.tensor.Datatype;
import org.pillion.server.tensor.InputRules;
import org.pillion.server.tensor.RawTensor;

/**
 * Handles synthetic requests, in JSON and with binary tensors, before the first real one, which
 * would otherwise wait for classes to be loaded.
 */
public final class HttpWarmup {
  private static final int REQUESTS = 20;

  private HttpWarmup() {}

  /** Warms every version that can serve; counts nothing in the metrics. */
  public static void run(Catalog catalog) {
    Warmup.forEach(catalog, HttpWarmup::warm);
  }

  private static void warm(InferService service, ModelVersion model) {
    FeatureContract contract = model.scorer().contract();
    List<InferBody> bodies = List.of(jsonBody(contract), binaryBody(contract));
    for (int i = 0; i < REQUESTS; i++) {
      for (InferBody body : bodies) {
        InferRequestReader reader =
            new InferRequestReader(new InputRules(contract, 1, MemoryBudget.UNLIMITED), body);
        service.answer(
            model,
            MemoryBudget.UNLIMITED,
            reader::read,
            scored -> InferResponseWriter.write(scored, reader::isBinary),
            0);
      }
    }
  }

  private static InferBody jsonBody(FeatureContract contract) {
    byte[] json = missingRow(contract, false, HttpWarmup::writeNull);
    return new InferBody(json, json.length);
  }

  private static InferBody binaryBody(FeatureContract contract) {
    ByteArrayOutputStream tail = new ByteArrayOutputStream();
    byte[] json =
        missingRow(
            contract,
            true,
            (generator, field) -> {
              byte[] bytes = RawTensor.write(Warmup.missing(field));
              tail.writeBytes(bytes);
              writeSize(generator, bytes.length);
            });
    byte[] body = Arrays.copyOf(json, json.length + tail.size());
    System.arraycopy(tail.toByteArray(), 0, body, json.length, tail.size());
    return new InferBody(body, json.length);
  }

  /** Writes the value of a tensor. */
  private interface ValueWriter {
    void write(JsonGenerator json, InputField field) throws IOException;
  }

  /** One row in which every input is missing; it may fail. */
  private static byte[] missingRow(FeatureContract contract, boolean binary, ValueWriter values) {
    return JsonBody.write(
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("parameters");
          json.writeStringField("on_row_error", "null");
          json.writeBooleanField("binary_data_output", binary);
          json.writeEndObject();
          json.writeArrayFieldStart("inputs");
          for (InputField field : contract.inputs()) {
            json.writeStartObject();
            json.writeStringField("name", field.name());
            json.writeStringField("datatype", Datatype.of(field.type()).name());
            json.writeFieldName("shape");
            json.writeArray(new int[] {1}, 0, 1);
            values.write(json, field);
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void writeNull(JsonGenerator json, InputField field) throws IOException {
    json.writeArrayFieldStart("data");
    json.writeNull();
    json.writeEndArray();
  }

  private static void writeSize(JsonGenerator json, int bytes) throws IOException {
    json.writeObjectFieldStart("parameters");
    json.writeNumberField("binary_data_size", bytes);
    json.writeStringField("missing_rows", "0");
    json.writeEndObject();
  }
}
