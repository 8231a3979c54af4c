package org.pillion.server.v2;

import com.google.protobuf.Message;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.JsonBody;
import org.pillion.server.http.Target;
import org.pillion.server.inference.ServerContext;

/** Handles requests for the state of the server and its models, on the event loop. */
public final class StateHandler {
  private final ServerContext server;
  private final StateMessages messages;

  public StateHandler(ServerContext server) {
    this.server = server;
    this.messages = new StateMessages(server);
  }

  public HttpResponse server() {
    return of(messages.server());
  }

  public HttpResponse model(Target target) {
    return of(messages.model(target.model(), target.version()));
  }

  /** Counts and times of a model or of all; the path of all is that of a model of its name. */
  public HttpResponse statistics(Target target) {
    boolean isModel = target.model() == null && server.models().catalog().knows(Target.STATISTICS);
    return of(
        isModel
            ? messages.model(Target.STATISTICS, null)
            : messages.statistics(target.model(), target.version()));
  }

  private static HttpResponse of(Message message) {
    return HttpResponse.json(200, JsonBody.write(json -> MessageJson.write(json, message)));
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
    return HttpResponse.json(status, new JsonObject().put("live", true).put("ready", ready));
  }

  public HttpResponse modelReady(Target target) {
    boolean ready = server.models().isReady(target.model(), target.version());
    return HttpResponse.json(
        ready ? 200 : 503, new JsonObject().put("name", target.model()).put("ready", ready));
  }
}
