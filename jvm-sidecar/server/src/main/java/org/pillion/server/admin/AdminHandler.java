package org.pillion.server.admin;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.pillion.registry.Catalog;
import org.pillion.registry.FolderProblem;
import org.pillion.registry.ServingChange;
import org.pillion.registry.VersionId;
import org.pillion.registry.VersionStatus;
import org.pillion.scoring.MemoryBudget;
import org.pillion.server.access.OperatorAccess;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.Caller;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.JsonText;
import org.pillion.server.http.RequestBody;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.http.Target;
import org.pillion.server.limits.Place;
import org.pillion.server.limits.WorkerPool;
import org.pillion.server.text.Truncated;

/**
 * Handles the operators' requests over HTTP: V2's index, load and unload of the model repository;
 * promote and rollback. Changes run on threads of their own, more than one, so that a rollback
 * never waits for a load.
 */
public final class AdminHandler implements RequestHandler {
  private static final long MAX_BODY = 64 << 10;

  private final RepositoryControl repository;
  private final WorkerPool threads;

  public AdminHandler(RepositoryControl repository, WorkerPool threads) {
    this.repository = repository;
    this.threads = threads;
  }

  @Override
  public void handle(HttpServerRequest request) {
    Place place = Place.current();
    String operator = Caller.current().orElse(OperatorAccess.OPERATOR);
    RequestBody.collect(
        request,
        MAX_BODY,
        body ->
            threads.answer(
                place,
                () -> answer(operator, request.method().name(), request.path(), body),
                answer -> send(request, answer),
                failure -> refuse(request, failure)),
        failure -> refuse(request, failure));
  }

  @Override
  public void refuse(HttpServerRequest request, RequestException failure) {
    send(request, HttpResponse.of(failure));
  }

  private static void send(HttpServerRequest request, HttpResponse answer) {
    if (!request.response().ended() && !request.response().closed()) {
      answer.send(request);
    }
  }

  private HttpResponse answer(String operator, String method, String path, byte[] body) {
    List<String> parts = Target.parts(path);
    if (parts.equals(List.of("v2", "repository", "index"))) {
      requirePost(method);
      return index(readyOnly(body));
    }
    boolean model =
        parts.size() == 5
            && parts.subList(0, 3).equals(List.of("v2", "repository", "models"))
            && List.of("load", "unload", "promote", "rollback").contains(parts.get(4));
    if (!model) {
      throw new RequestException(
          RequestException.Kind.NOT_FOUND, "there is nothing at " + Truncated.of(path));
    }
    requirePost(method);
    RepositoryControl.Action action =
        RepositoryControl.Action.valueOf(parts.get(4).toUpperCase(Locale.ROOT));
    long version = action.takesVersion() ? version(body) : 0;
    return changed(repository.change(operator, action, parts.get(3), version));
  }

  private static void requirePost(String method) {
    if (!method.equals("POST")) {
      throw RequestException.methodNotAllowed("POST");
    }
  }

  private HttpResponse changed(ServingChange change) {
    Catalog catalog = repository.catalog();
    return HttpResponse.json(
        200,
        new JsonObject()
            .put("name", change.model())
            .put("before", text(change.before()))
            .put("serving", text(change.serving()))
            .put("pinned", catalog.pinned(change.model())));
  }

  private static String text(OptionalLong version) {
    return version.isPresent() ? Long.toString(version.getAsLong()) : null;
  }

  private HttpResponse index(boolean readyOnly) {
    Catalog catalog = repository.catalog();
    JsonArray index = new JsonArray();
    for (VersionStatus status : catalog.statuses()) {
      if (status.ready() || !readyOnly) {
        index.add(described(status, catalog));
      }
    }
    if (!readyOnly) {
      catalog.strayProblems().forEach(problem -> index.add(described(problem)));
    }
    return HttpResponse.json(200, index.toBuffer().getBytes());
  }

  private static JsonObject described(VersionStatus status, Catalog catalog) {
    String model = status.id().model();
    return new JsonObject()
        .put("name", model)
        .put("version", Long.toString(status.id().version()))
        .put("state", status.state().name())
        .put("reason", status.reason())
        .put("engine", status.engine())
        .put("load_ms", status.loadMillis())
        .put("rows_verified", status.rowsVerified())
        .put("serving", catalog.serving(model).map(v -> v.id().equals(status.id())).orElse(false))
        .put("pinned", catalog.pinned(model));
  }

  private static JsonObject described(FolderProblem problem) {
    return new JsonObject()
        .put("name", problem.model())
        .put("version", problem.folder())
        .put("state", VersionStatus.State.UNAVAILABLE.name())
        .put("reason", problem.reason());
  }

  /** The version that a body names, or 0 for none. */
  private static long version(byte[] body) {
    long[] version = {0};
    read(
        body,
        (key, json) -> {
          if (key.equals("version")) {
            version[0] = number(json);
          } else {
            json.skipChildren();
          }
        });
    return version[0];
  }

  private static long number(JsonParser json) throws IOException {
    boolean scalar = json.currentToken().isScalarValue();
    return (scalar ? VersionId.number(json.getText()) : OptionalLong.empty())
        .orElseThrow(
            () ->
                new RequestException(
                    RequestException.Kind.INVALID, "'version' is not the number of a version"));
  }

  private static boolean readyOnly(byte[] body) {
    boolean[] ready = {false};
    read(
        body,
        (key, json) -> {
          ready[0] |= key.equals("ready") && json.currentToken() == JsonToken.VALUE_TRUE;
          json.skipChildren();
        });
    return ready[0];
  }

  /** Reads the members of a JSON object; no body is an empty one. */
  private static void read(byte[] body, JsonText.Member member) {
    if (body.length == 0) {
      return;
    }
    JsonText.readObject(body, body.length, () -> null, MemoryBudget.UNLIMITED, member);
  }
}
