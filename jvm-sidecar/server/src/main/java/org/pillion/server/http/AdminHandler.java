package org.pillion.server.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.pillion.registry.Catalog;
import org.pillion.registry.ChangeRefused;
import org.pillion.registry.FolderProblem;
import org.pillion.registry.ModelRepository;
import org.pillion.registry.ReloadReport;
import org.pillion.registry.ServingChange;
import org.pillion.registry.VersionId;
import org.pillion.registry.VersionStatus;
import org.pillion.server.inference.Metrics;
import org.pillion.server.inference.RequestException;
import org.pillion.server.inference.Truncated;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the operators' requests: V2's index, load and unload of the model repository; promote and
 * rollback.
 */
public final class AdminHandler {
  private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);

  private final ModelRepository repository;
  private final Consumer<ReloadReport> reloads;
  private final Metrics metrics;

  /**
   * A handler.
   *
   * @param reloads receives what a load changed
   */
  public AdminHandler(ModelRepository repository, Consumer<ReloadReport> reloads, Metrics metrics) {
    this.repository = repository;
    this.reloads = reloads;
    this.metrics = metrics;
  }

  HttpResponse answer(String method, String path, byte[] body) {
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
    return change(parts.get(4), parts.get(3), body);
  }

  private static void requirePost(String method) {
    if (!method.equals("POST")) {
      throw RequestException.methodNotAllowed("POST");
    }
  }

  private HttpResponse change(String action, String model, byte[] body) {
    try {
      HttpResponse answer =
          switch (action) {
            case "load" -> load(model);
            case "unload" -> changed(repository.unload(model));
            case "promote" -> changed(repository.promote(model, version(body)));
            default -> changed(repository.rollback(model, version(body)));
          };
      metrics.operated(action, "done");
      LOG.info("an operator asked for {} of '{}': done", action, model);
      return answer;
    } catch (ChangeRefused e) {
      metrics.operated(action, "refused");
      LOG.warn("an operator asked for {} of '{}': {}", action, Truncated.of(model), e.getMessage());
      throw new RequestException(kind(e.kind()), Truncated.of(e.getMessage(), 500));
    } catch (IOException e) {
      metrics.operated(action, "failed");
      LOG.error("the model repository cannot be read", e);
      throw new RequestException(
          RequestException.Kind.INTERNAL, "the model repository cannot be read; see the log");
    }
  }

  private static RequestException.Kind kind(ChangeRefused.Kind kind) {
    return switch (kind) {
      case UNKNOWN -> RequestException.Kind.NOT_FOUND;
      case NOT_POSSIBLE -> RequestException.Kind.CONFLICT;
      case NOT_KEPT -> RequestException.Kind.INTERNAL;
    };
  }

  private HttpResponse load(String model) throws ChangeRefused, IOException {
    reloads.accept(repository.load(model));
    OptionalLong serving =
        repository.catalog().serving(model).stream().mapToLong(v -> v.id().version()).findFirst();
    return changed(new ServingChange(model, serving, serving));
  }

  private HttpResponse changed(ServingChange change) {
    Catalog catalog = repository.catalog();
    return HttpResponse.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartObject();
              json.writeStringField("name", change.model());
              writeVersion(json, "before", change.before());
              writeVersion(json, "serving", change.serving());
              json.writeBooleanField("pinned", catalog.pinned(change.model()));
              json.writeEndObject();
            }));
  }

  private static void writeVersion(JsonGenerator json, String name, OptionalLong version)
      throws IOException {
    if (version.isPresent()) {
      json.writeStringField(name, Long.toString(version.getAsLong()));
    } else {
      json.writeNullField(name);
    }
  }

  private HttpResponse index(boolean readyOnly) {
    Catalog catalog = repository.catalog();
    return HttpResponse.json(
        200,
        JsonBody.write(
            json -> {
              json.writeStartArray();
              for (VersionStatus status : catalog.statuses()) {
                if (status.ready() || !readyOnly) {
                  write(json, status, catalog);
                }
              }
              if (!readyOnly) {
                for (FolderProblem problem : catalog.strayProblems()) {
                  write(json, problem);
                }
              }
              json.writeEndArray();
            }));
  }

  private static void write(JsonGenerator json, VersionStatus status, Catalog catalog)
      throws IOException {
    String model = status.id().model();
    json.writeStartObject();
    json.writeStringField("name", model);
    json.writeStringField("version", Long.toString(status.id().version()));
    json.writeStringField("state", status.state().name());
    json.writeStringField("reason", status.reason());
    json.writeStringField("engine", status.engine());
    json.writeNumberField("load_ms", status.loadMillis());
    json.writeNumberField("rows_verified", status.rowsVerified());
    json.writeBooleanField(
        "serving", catalog.serving(model).map(v -> v.id().equals(status.id())).orElse(false));
    json.writeBooleanField("pinned", catalog.pinned(model));
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, FolderProblem problem) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", problem.model());
    json.writeStringField("version", problem.folder());
    json.writeStringField("state", VersionStatus.State.UNAVAILABLE.name());
    json.writeStringField("reason", problem.reason());
    json.writeEndObject();
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
    try (JsonParser json = JsonBody.FACTORY.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new RequestException(RequestException.Kind.INVALID, "the body is not a JSON object");
      }
      for (String key = JsonText.nextMember(json); key != null; key = JsonText.nextMember(json)) {
        member.read(key, json);
      }
    } catch (IOException e) {
      throw new RequestException(RequestException.Kind.INVALID, "the body is not valid JSON");
    }
  }
}
