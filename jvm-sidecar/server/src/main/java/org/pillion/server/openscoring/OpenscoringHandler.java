package org.pillion.server.openscoring;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.pillion.registry.ModelVersion;
import org.pillion.registry.VersionStatus;
import org.pillion.scoring.CandidateBatch;
import org.pillion.scoring.ColumnBatch;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.InvalidInput;
import org.pillion.scoring.MemoryBudget;
import org.pillion.scoring.ScoreResult;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.JsonBody;
import org.pillion.server.inference.InferRequest;
import org.pillion.server.inference.Scored;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.text.Truncated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Handles the requests of the Openscoring dialect, so that its clients work unchanged. */
public final class OpenscoringHandler {
  private static final String APPLICATION = "X-Application";

  /** The version of the dialect; clients check it. */
  private static final String DIALECT = "Openscoring/2.1.1";

  private static final Logger LOG = LoggerFactory.getLogger(OpenscoringHandler.class);

  private final ServerContext server;
  private final Deployments deployments = new Deployments();

  public OpenscoringHandler(ServerContext server) {
    this.server = server;
    server.live().add(id -> deployments.find(id.model()).isPresent());
  }

  /**
   * A request.
   *
   * @param method of HTTP
   * @param path the parts of the path after {@code openscoring}
   * @param query the parameters of the query
   * @param operator the name of a caller who may change what is deployed; empty for others
   * @param memory what the request may take
   * @param queueNanos how long the request waited for a worker
   */
  public record Call(
      String method,
      List<String> path,
      Function<String, String> query,
      Optional<String> operator,
      MemoryBudget memory,
      long queueNanos) {}

  public HttpResponse answer(Call call, byte[] body) {
    List<String> path = call.path();
    if (path.isEmpty() || !path.get(0).equals("model") || path.size() > 3) {
      throw new RequestException(RequestException.Kind.NOT_FOUND, "there is nothing at this path");
    }
    String id = path.size() == 1 ? "" : path.get(1);
    boolean unnamed = path.size() <= 2 && id.isEmpty();
    if (unnamed && call.method().equals("PUT")) {
      throw new RequestException(RequestException.Kind.INVALID, "the model's id is empty");
    }
    if (unnamed) {
      require(call, "GET");
      return list();
    }
    if (path.size() == 2) {
      return switch (call.method()) {
        case "GET" -> HttpResponse.json(200, OpenscoringJson.model(id, find(id)));
        case "POST" -> evaluate(call, id, body);
        case "PUT" -> deploy(call, id, body);
        case "DELETE" -> undeploy(call, id);
        default -> throw RequestException.methodNotAllowed("GET, POST, PUT, DELETE");
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
  public static HttpResponse inDialect(HttpResponse answer) {
    return answer.with(Map.of(APPLICATION, DIALECT));
  }

  public static HttpResponse of(RequestException failure) {
    return HttpResponse.of(failure, "message");
  }

  private static void require(Call call, String method) {
    if (!call.method().equals(method)) {
      throw RequestException.methodNotAllowed(method);
    }
  }

  private HttpResponse list() {
    Map<String, ModelVersion> all = new LinkedHashMap<>();
    server.models().catalog().statuses().stream()
        .filter(VersionStatus::ready)
        .map(status -> status.id().model())
        .forEach(
            name ->
                server.models().catalog().serving(name).ifPresent(model -> all.put(name, model)));
    all.putAll(deployments.all());
    List<JsonObject> described = new ArrayList<>();
    all.forEach((id, model) -> described.add(OpenscoringJson.model(id, model)));
    return HttpResponse.json(200, new JsonObject().put("models", described));
  }

  private ModelVersion find(String id) {
    return deployments.find(id).orElseGet(() -> server.models().find(id, null));
  }

  private HttpResponse deploy(Call call, String id, byte[] body) {
    String operator = operator(call);
    if (server.models().catalog().knows(id)) {
      throw new RequestException(
          RequestException.Kind.DENIED,
          "the model '" + Truncated.of(id) + "' is the repository's, and is changed there");
    }
    boolean isNew = deployments.deploy(id, body);
    server.metrics().replaced(find(id).id());
    changed(operator, "deploy", id);
    return HttpResponse.json(isNew ? 201 : 200, OpenscoringJson.model(id, find(id)));
  }

  private HttpResponse undeploy(Call call, String id) {
    String operator = operator(call);
    ModelVersion gone =
        deployments
            .undeploy(id)
            .orElseThrow(
                () ->
                    new RequestException(
                        RequestException.Kind.NOT_FOUND,
                        "there is no deployed model '" + Truncated.of(id) + "'"));
    server.metrics().forget(gone.id());
    changed(operator, "undeploy", id);
    return HttpResponse.json(200, new JsonObject());
  }

  /** The metrics and the log say what an operator did, as of the repository's models. */
  private void changed(String operator, String action, String id) {
    server.metrics().operated(action, "done");
    LOG.atInfo()
        .addKeyValue("operator", operator)
        .addKeyValue("action", action)
        .addKeyValue("model", id)
        .log("an operator's change was made");
  }

  private static String operator(Call call) {
    return call.operator().orElseThrow(OpenscoringHandler::notAnOperator);
  }

  private static RequestException notAnOperator() {
    return new RequestException(
        RequestException.Kind.DENIED,
        "deploying and undeploying need the header 'Authorization: Bearer TOKEN' with the token of"
            + " the operators' address, --admin; without such an address nobody may");
  }

  private HttpResponse document(String id) {
    return new HttpResponse(200, "application/xml", find(id).document().pmml(), Map.of());
  }

  private HttpResponse evaluate(Call call, String id, byte[] body) {
    return score(
        call,
        find(id),
        rows -> OpenscoringJson.evaluation(body, rows, call.memory()),
        OpenscoringJson.Requests::batch,
        (requests, scored) -> {
          ScoreResult result = scored.result();
          if (!result.errors().isEmpty()) {
            throw new InvalidInput(result.errors().get(0).message());
          }
          return HttpResponse.json(
              200,
              JsonBody.write(
                  scored.memory(),
                  json ->
                      OpenscoringJson.writeEvaluation(
                          json, requests.ids().get(0), result, 0, null)));
        });
  }

  private HttpResponse batch(Call call, String id, byte[] body) {
    return score(
        call,
        find(id),
        rows -> OpenscoringJson.batch(body, rows, call.memory()),
        OpenscoringJson.Requests::batch,
        (requests, scored) ->
            HttpResponse.json(
                200,
                JsonBody.write(
                    scored.memory(),
                    json -> OpenscoringJson.writeBatch(json, requests, scored.result()))));
  }

  private HttpResponse csv(Call call, String id, byte[] body) {
    ModelVersion model = find(id);
    return score(
        call,
        model,
        rows ->
            OpenscoringTable.read(
                model.scorer().contract(),
                body,
                call.query().apply("delimiterChar"),
                call.query().apply("quoteChar"),
                rows,
                call.memory()),
        OpenscoringTable::batch,
        (table, scored) -> table.answer(scored.result(), scored.memory()));
  }

  /**
   * Reads rows, scores them, and writes the answer.
   *
   * @param <R> what was read: the rows, and what the answer says of them
   */
  private <R> HttpResponse score(
      Call call,
      ModelVersion model,
      Function<OpenscoringRows, R> reader,
      Function<R, ColumnBatch> rows,
      BiFunction<R, Scored, HttpResponse> writer) {
    FeatureContract contract = model.scorer().contract();
    List<Integer> outputs = IntStream.range(0, contract.outputs().size()).boxed().toList();
    AtomicReference<R> read = new AtomicReference<>();
    return server
        .inference()
        .answer(
            model,
            call.memory(),
            () -> {
              read.set(
                  reader.apply(new OpenscoringRows(contract, server.maxRows(), call.memory())));
              CandidateBatch batch = CandidateBatch.of(rows.apply(read.get()));
              return new InferRequest(null, batch, outputs, true);
            },
            (Scored scored) -> writer.apply(read.get(), scored),
            call.queueNanos());
  }
}
