package org.pillion.server.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.pillion.registry.Catalog;
import org.pillion.registry.FolderProblem;
import org.pillion.registry.ServingChange;
import org.pillion.registry.VersionId;
import org.pillion.registry.VersionStatus;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.JsonBody;
import org.pillion.server.http.JsonText;
import org.pillion.server.http.Target;
import org.pillion.server.text.Truncated;

/**
 * Handles the operators' requests: V2's index, load and unload of the model repository; promote and
 * rollback.
 */
public final class AdminHandler {
  private final RepositoryControl repository;

  public AdminHandler(RepositoryControl repository) {
    this.repository = repository;
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
    RepositoryControl.Action action =
        RepositoryControl.Action.valueOf(parts.get(4).toUpperCase(Locale.ROOT));
    long version = action.takesVersion() ? version(body) : 0;
    return changed(repository.change(action, parts.get(3), version));
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
