package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OutputField;
import org.pillion.server.inference.Datatype;
import org.pillion.server.inference.Failure;
import org.pillion.server.inference.Models;

/** Answers about the server and its models; cheap enough for the event loop. */
public final class StateAnswers {
  private static final String[] EXTENSIONS = {"json_null_is_missing"};

  private final Models models;
  private final String version;

  public StateAnswers(Models models, String version) {
    this.models = models;
    this.version = version;
  }

  Answer server() {
    return Answer.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", "pillion");
              json.writeStringField("version", version);
              json.writeFieldName("extensions");
              json.writeArray(EXTENSIONS, 0, EXTENSIONS.length);
              json.writeEndObject();
            }));
  }

  Answer live() {
    return health(200);
  }

  Answer ready() {
    return health(models.catalog().ready() ? 200 : 503);
  }

  private Answer health(int status) {
    boolean ready = models.catalog().ready();
    return Answer.json(
        status,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeBooleanField("live", true);
              json.writeBooleanField("ready", ready);
              json.writeEndObject();
            }));
  }

  Answer modelReady(Target target) {
    boolean ready = isReady(target);
    return Answer.json(
        ready ? 200 : 503,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", target.model());
              json.writeBooleanField("ready", ready);
              json.writeEndObject();
            }));
  }

  private boolean isReady(Target target) {
    try {
      models.find(target.model(), target.version());
      return true;
    } catch (Failure e) {
      if (e.kind() == Failure.Kind.UNAVAILABLE) {
        return false;
      }
      throw e;
    }
  }

  Answer model(Target target) {
    ModelVersion model = models.find(target.model(), target.version());
    return Answer.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", model.id().model());
              json.writeArrayFieldStart("versions");
              for (int ready : models.catalog().readyVersions(model.id().model())) {
                json.writeString(Integer.toString(ready));
              }
              json.writeEndArray();
              json.writeStringField("platform", "pmml_" + model.scorer().engine());
              json.writeObjectFieldStart("parameters");
              json.writeStringField("engine", model.scorer().engine());
              json.writeStringField("arithmetic", model.scorer().arithmetic().text());
              json.writeEndObject();
              json.writeArrayFieldStart("inputs");
              for (InputField input : model.scorer().contract().inputs()) {
                writeTensor(json, input.name(), input.type());
              }
              json.writeEndArray();
              json.writeArrayFieldStart("outputs");
              for (OutputField output : model.scorer().contract().outputs()) {
                writeTensor(json, output.name(), output.type());
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  private static void writeTensor(JsonGenerator json, String name, FieldType type)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeStringField("datatype", Datatype.of(type).name());
    json.writeArrayFieldStart("shape");
    json.writeNumber(-1);
    json.writeEndArray();
    json.writeEndObject();
  }
}
