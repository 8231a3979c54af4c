package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionId;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;
import org.pillion.scoring.OutputField;
import org.pillion.server.inference.Core;
import org.pillion.server.inference.Datatype;
import org.pillion.server.inference.Extensions;
import org.pillion.server.inference.Statistics;

/** Answers about the server and its models; cheap enough for the event loop. */
final class StateAnswers {
  private final Core core;

  StateAnswers(Core core) {
    this.core = core;
  }

  Answer server() {
    return Answer.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", "pillion");
              json.writeStringField("version", core.version());
              json.writeArrayFieldStart("extensions");
              for (String name : Extensions.NAMES) {
                json.writeString(name);
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  /** The description of the routes, as OpenAPI. */
  static Answer openApi() {
    try (InputStream file = StateAnswers.class.getResourceAsStream("openapi.json")) {
      return Answer.json(200, file.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("the jar has lost openapi.json", e);
    }
  }

  Answer live() {
    return health(200);
  }

  Answer ready() {
    return health(core.models().catalog().ready() ? 200 : 503);
  }

  private Answer health(int status) {
    boolean ready = core.models().catalog().ready();
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
    boolean ready = core.models().isReady(target.model(), target.version());
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

  Answer model(Target target) {
    ModelVersion model = core.models().find(target.model(), target.version());
    return Answer.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", model.id().model());
              json.writeArrayFieldStart("versions");
              for (int ready : core.models().catalog().readyVersions(model.id().model())) {
                json.writeString(Integer.toString(ready));
              }
              json.writeEndArray();
              json.writeStringField("platform", "pmml_" + model.scorer().engine());
              json.writeObjectFieldStart("parameters");
              json.writeStringField("engine", model.scorer().engine());
              json.writeStringField("arithmetic", model.scorer().arithmetic().text());
              if (model.items().isPresent()) {
                json.writeNumberField("items", model.items().get().rows());
              }
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

  Answer statistics(Target target) {
    List<VersionId> ids = core.models().versions(target.model(), target.version());
    return Answer.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeArrayFieldStart("model_stats");
              for (Statistics.Of of : core.statistics().of(ids)) {
                writeStatistics(json, of);
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  private static void writeStatistics(JsonGenerator json, Statistics.Of of) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", of.id().model());
    json.writeStringField("version", Integer.toString(of.id().version()));
    json.writeNumberField("last_inference", of.lastMillis());
    json.writeNumberField("inference_count", of.rows());
    json.writeNumberField("execution_count", of.success().count());
    json.writeObjectFieldStart("inference_stats");
    write(json, "success", of.success());
    write(json, "fail", of.fail());
    write(json, "queue", of.queue());
    write(json, "compute_input", of.input());
    write(json, "compute_infer", of.infer());
    write(json, "compute_output", of.output());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, Statistics.Duration duration)
      throws IOException {
    json.writeObjectFieldStart(name);
    json.writeNumberField("count", duration.count());
    json.writeNumberField("ns", duration.nanos());
    json.writeEndObject();
  }
}
