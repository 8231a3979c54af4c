package org.pillion.server.v2;

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
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.JsonBody;
import org.pillion.server.http.Target;
import org.pillion.server.inference.Extensions;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.metrics.Statistics;
import org.pillion.server.tensor.Datatype;

/** Handles requests for the state of the server and its models, on the event loop. */
public final class StateHandler {
  private final ServerContext server;

  public StateHandler(ServerContext server) {
    this.server = server;
  }

  public HttpResponse server() {
    return HttpResponse.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", "pillion");
              json.writeStringField("version", server.version());
              json.writeArrayFieldStart("extensions");
              for (String name : Extensions.NAMES) {
                json.writeString(name);
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  /** The description of the routes, as OpenAPI. */
  public static HttpResponse openApi() {
    try (InputStream file = StateHandler.class.getResourceAsStream("openapi.json")) {
      return HttpResponse.json(200, file.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("the jar has lost openapi.json", e);
    }
  }

  public HttpResponse live() {
    return health(200);
  }

  public HttpResponse ready() {
    return health(server.models().ready() ? 200 : 503);
  }

  private HttpResponse health(int status) {
    boolean ready = server.models().ready();
    return HttpResponse.json(
        status,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeBooleanField("live", true);
              json.writeBooleanField("ready", ready);
              json.writeEndObject();
            }));
  }

  public HttpResponse modelReady(Target target) {
    boolean ready = server.models().isReady(target.model(), target.version());
    return HttpResponse.json(
        ready ? 200 : 503,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", target.model());
              json.writeBooleanField("ready", ready);
              json.writeEndObject();
            }));
  }

  public HttpResponse model(Target target) {
    ModelVersion model = server.models().find(target.model(), target.version());
    return HttpResponse.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", model.id().model());
              json.writeArrayFieldStart("versions");
              for (long ready : server.models().catalog().readyVersions(model.id().model())) {
                json.writeString(Long.toString(ready));
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

  public HttpResponse statistics(Target target) {
    List<VersionId> ids = server.models().versions(target.model(), target.version());
    return HttpResponse.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeArrayFieldStart("model_stats");
              for (Statistics.OfVersion of : server.statistics().of(ids)) {
                writeStatistics(json, of);
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  private static void writeStatistics(JsonGenerator json, Statistics.OfVersion of)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", of.id().model());
    json.writeStringField("version", Long.toString(of.id().version()));
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
