package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionStatus;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.Column;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.OutputField;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.inference.InferRequest;
import org.pillion.server.inference.RequestException;
import org.pillion.server.inference.Scored;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.inference.Truncated;
import org.pillion.server.inference.Utf8;

/** Handles the requests of the Openscoring dialect, so that its clients work unchanged. */
final class OpenscoringHandler {
  static final String ROOT = "openscoring";

  private static final String APPLICATION = "X-Application";

  /** The version of the dialect; clients check it. */
  private static final String DIALECT = "Openscoring/2.1.1";

  private static final Set<String> MISSING_CELLS = Set.of("", "NA", "N/A");

  private final ServerContext server;
  private final Path models;
  private final Deployments deployments = new Deployments();

  OpenscoringHandler(ServerContext server, Path models) {
    this.server = server;
    this.models = models;
  }

  /**
   * A request.
   *
   * @param method of HTTP
   * @param path the parts of the path after {@link #ROOT}
   * @param query the parameters of the query
   * @param operator whether the caller may change what is deployed
   * @param queueNanos how long the request waited for a worker
   */
  record Call(
      String method,
      List<String> path,
      Function<String, String> query,
      boolean operator,
      long queueNanos) {}

  HttpResponse answer(Call call, byte[] body) {
    List<String> path = call.path();
    if (path.isEmpty() || !path.get(0).equals("model") || path.size() > 3) {
      throw new RequestException(RequestException.Kind.NOT_FOUND, "there is nothing at this path");
    }
    if (path.size() == 1) {
      require(call, "GET");
      return list();
    }
    String id = path.get(1);
    if (path.size() == 2) {
      return switch (call.method()) {
        case "GET" -> HttpResponse.json(200, JsonBody.write(json -> writeModel(json, id)));
        case "POST" -> evaluate(call, id, body);
        case "PUT" -> deploy(call, id, body);
        case "DELETE" -> undeploy(call, id);
        default -> throw notAllowed("GET, POST, PUT, DELETE");
      };
    }
    return switch (path.get(2)) {
      case "batch" -> {
        require(call, "POST");
        yield batch(call, id, body);
      }
      case "csv" -> {
        require(call, "POST");
        yield csv(call, id, body);
      }
      case "pmml" -> {
        require(call, "GET");
        yield document(id);
      }
      default ->
          throw new RequestException(
              RequestException.Kind.NOT_FOUND, "there is nothing at this path");
    };
  }

  /** A response with the dialect's header. */
  static HttpResponse inDialect(HttpResponse answer) {
    Map<String, String> headers = new HashMap<>(answer.headers());
    headers.put(APPLICATION, DIALECT);
    return new HttpResponse(answer.status(), answer.contentType(), answer.body(), headers);
  }

  static HttpResponse of(RequestException failure) {
    byte[] body =
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("message", failure.getMessage());
              json.writeEndObject();
            });
    return new HttpResponse(failure.kind().http(), HttpResponse.JSON, body, failure.headers());
  }

  static void requireRoom(int rows, int maxRows) {
    if (rows > maxRows) {
      throw new RequestException(
          RequestException.Kind.TOO_LARGE, "there are more rows than the " + maxRows + " allowed");
    }
  }

  private static void require(Call call, String method) {
    if (!call.method().equals(method)) {
      throw notAllowed(method);
    }
  }

  private static RequestException notAllowed(String allowed) {
    return new RequestException(
        RequestException.Kind.METHOD_NOT_ALLOWED,
        "only " + allowed + " is allowed for this path",
        Map.of("Allow", allowed));
  }

  private HttpResponse list() {
    Map<String, ModelVersion> all = new LinkedHashMap<>();
    server.models().catalog().statuses().stream()
        .filter(VersionStatus::ready)
        .map(status -> status.id().model())
        .forEach(
            name ->
                server.models().catalog().serving(name).ifPresent(model -> all.put(name, model)));
    deployments.all().forEach((id, deployment) -> all.put(id, deployment.model()));
    return HttpResponse.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeArrayFieldStart("models");
              for (Map.Entry<String, ModelVersion> entry : all.entrySet()) {
                OpenscoringJson.writeModel(
                    json, entry.getKey(), entry.getValue().scorer().contract());
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  private void writeModel(JsonGenerator json, String id) throws IOException {
    OpenscoringJson.writeModel(json, id, find(id).scorer().contract());
  }

  private ModelVersion find(String id) {
    return deployments
        .find(id)
        .map(Deployments.Deployment::model)
        .orElseGet(() -> server.models().find(id, null));
  }

  private HttpResponse deploy(Call call, String id, byte[] body) {
    requireOperator(call);
    if (server.models().catalog().knows(id)) {
      throw new RequestException(
          RequestException.Kind.DENIED,
          "the model '" + Truncated.of(id) + "' is the repository's, and is changed there");
    }
    boolean isNew = deployments.deploy(id, body);
    return HttpResponse.json(isNew ? 201 : 200, JsonBody.write(json -> writeModel(json, id)));
  }

  private HttpResponse undeploy(Call call, String id) {
    requireOperator(call);
    if (!deployments.undeploy(id)) {
      throw new RequestException(
          RequestException.Kind.NOT_FOUND, "there is no deployed model '" + Truncated.of(id) + "'");
    }
    return HttpResponse.json(200, "{}".getBytes(StandardCharsets.UTF_8));
  }

  private static void requireOperator(Call call) {
    if (!call.operator()) {
      throw new RequestException(
          RequestException.Kind.DENIED,
          "deploying and undeploying need the header 'Authorization: Bearer TOKEN' with the token of"
              + " the operators' address, --admin; without such an address nobody may");
    }
  }

  private HttpResponse document(String id) {
    byte[] pmml =
        deployments
            .find(id)
            .map(Deployments.Deployment::pmml)
            .orElseGet(() -> read(server.models().find(id, null)));
    return new HttpResponse(200, "application/xml", pmml, Map.of());
  }

  private byte[] read(ModelVersion model) {
    Path folder = models.resolve(model.id().model());
    try {
      return Files.readAllBytes(
          folder.resolve(Integer.toString(model.id().version())).resolve("model.pmml"));
    } catch (IOException e) {
      throw new RequestException(
          RequestException.Kind.UNAVAILABLE, "the document cannot be read at this moment");
    }
  }

  private HttpResponse evaluate(Call call, String id, byte[] body) {
    OpenscoringJson.Evaluation request = OpenscoringJson.evaluation(body);
    return score(
        call,
        find(id),
        List.of(request.arguments()),
        result -> {
          if (!result.errors().isEmpty()) {
            throw new InvalidInput(result.errors().get(0).message());
          }
          return HttpResponse.json(
              200,
              JsonBody.write(
                  json -> OpenscoringJson.writeEvaluation(json, request.id(), result, 0)));
        });
  }

  private HttpResponse batch(Call call, String id, byte[] body) {
    OpenscoringJson.Batch batch = OpenscoringJson.batch(body, server.maxRows());
    List<Map<String, Object>> rows =
        batch.requests().stream().map(OpenscoringJson.Evaluation::arguments).toList();
    return score(
        call,
        find(id),
        rows,
        result ->
            HttpResponse.json(
                200,
                JsonBody.write(
                    json -> {
                      json.writeStartObject();
                      if (batch.id() != null) {
                        json.writeStringField("id", batch.id());
                      }
                      json.writeArrayFieldStart("responses");
                      for (int row = 0; row < rows.size(); row++) {
                        OpenscoringJson.writeEvaluation(
                            json, batch.requests().get(row).id(), result, row);
                      }
                      json.writeEndArray();
                      json.writeEndObject();
                    })));
  }

  private HttpResponse csv(Call call, String id, byte[] body) {
    String text = Utf8.text(body, 0, body.length);
    if (text == null) {
      throw new InvalidInput("the table is not UTF-8");
    }
    String delimiter = call.query().apply("delimiterChar");
    String quote = call.query().apply("quoteChar");
    Csv csv =
        new Csv(
            delimiter == null || delimiter.isEmpty() ? Csv.sniff(text) : delimiter.charAt(0),
            quote == null || quote.isEmpty() ? '"' : quote.charAt(0));
    List<List<String>> table = csv.read(text);
    if (table.isEmpty()) {
      throw new InvalidInput("the table has no header");
    }
    List<String> header = table.get(0);
    List<List<String>> lines = table.subList(1, table.size());
    requireRoom(lines.size(), server.maxRows());
    List<Map<String, Object>> rows =
        IntStream.range(0, lines.size()).mapToObj(i -> row(header, lines.get(i), i)).toList();
    int idColumn =
        IntStream.range(0, header.size())
            .filter(i -> header.get(i).equalsIgnoreCase("id"))
            .findFirst()
            .orElse(-1);
    return score(call, find(id), rows, result -> table(csv, idColumn, lines, result));
  }

  private static Map<String, Object> row(List<String> header, List<String> cells, int row) {
    if (cells.size() != header.size()) {
      throw new InvalidInput(
          "row %d of the table has %d cells, but the header has %d"
              .formatted(row, cells.size(), header.size()));
    }
    Map<String, Object> arguments = new HashMap<>();
    for (int i = 0; i < header.size(); i++) {
      arguments.put(header.get(i), MISSING_CELLS.contains(cells.get(i)) ? null : cells.get(i));
    }
    return arguments;
  }

  private static HttpResponse table(
      Csv csv, int idColumn, List<List<String>> lines, ScoreResult result) {
    if (!result.errors().isEmpty()) {
      throw new InvalidInput(
          "row " + result.errors().get(0).row() + ": " + result.errors().get(0).message());
    }
    StringBuilder out = new StringBuilder();
    List<String> names = new ArrayList<>(result.fields().stream().map(OutputField::name).toList());
    if (idColumn >= 0) {
      names.add(0, "Id");
    }
    csv.write(out, names);
    for (int row = 0; row < result.rows(); row++) {
      List<String> cells = new ArrayList<>();
      if (idColumn >= 0) {
        cells.add(lines.get(row).get(idColumn));
      }
      for (Column column : result.columns()) {
        cells.add(column.isMissing(row) ? "" : column.value(row).toString());
      }
      csv.write(out, cells);
    }
    return new HttpResponse(
        200,
        "text/plain; charset=utf-8",
        out.toString().getBytes(StandardCharsets.UTF_8),
        Map.of());
  }

  private HttpResponse score(
      Call call,
      ModelVersion model,
      List<Map<String, Object>> rows,
      Function<ScoreResult, HttpResponse> writer) {
    List<Integer> outputs =
        IntStream.range(0, model.scorer().contract().outputs().size()).boxed().toList();
    return server
        .inference()
        .answer(
            model,
            () ->
                new InferRequest(
                    null,
                    CandidateBatch.of(OpenscoringRows.batch(model.scorer().contract(), rows)),
                    outputs,
                    true),
            (Scored scored) -> writer.apply(scored.result()),
            call.queueNanos());
  }
}
