package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import org.pillion.registry.Catalog;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionStatus;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InputField;
import org.pillion.server.inference.Datatype;
import org.pillion.server.inference.InferService;
import org.pillion.server.inference.InputRules;
import org.pillion.server.inference.Metrics;
import org.pillion.server.inference.Statistics;

/**
 * Answers made-up requests before the first real one, which would otherwise wait for the classes
 * between bytes and scorer to be loaded.
 */
public final class Rehearsal {
  private static final int REQUESTS = 20;

  private Rehearsal() {}

  /** Rehearses with every version that can serve; counts nothing. */
  public static void run(Catalog catalog) {
    InferService service = new InferService(new Metrics(), new Statistics());
    for (VersionStatus status : catalog.statuses()) {
      catalog.version(status.id()).ifPresent(model -> rehearse(service, model));
    }
  }

  private static void rehearse(InferService service, ModelVersion model) {
    byte[] body = missingRow(model.scorer().contract());
    for (int i = 0; i < REQUESTS; i++) {
      InferRequestReader reader =
          new InferRequestReader(
              new InputRules(model.scorer().contract(), 1), InferBody.of(body, null));
      service.answer(
          model, reader::read, scored -> InferResponseWriter.write(scored, reader::isBinary), 0);
    }
  }

  /** One row in which every input is missing, and which may fail without being a failure. */
  private static byte[] missingRow(FeatureContract contract) {
    return JsonBody.write(
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("parameters");
          json.writeStringField("on_row_error", "null");
          json.writeEndObject();
          json.writeArrayFieldStart("inputs");
          for (InputField field : contract.inputs()) {
            writeMissing(json, field);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  private static void writeMissing(JsonGenerator json, InputField field) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", field.name());
    json.writeStringField("datatype", Datatype.of(field.type()).name());
    json.writeFieldName("shape");
    json.writeArray(new int[] {1}, 0, 1);
    json.writeFieldName("data");
    json.writeStartArray();
    json.writeNull();
    json.writeEndArray();
    json.writeEndObject();
  }
}
