package org.pillion.server.admin;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.RequestBody;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.limits.WorkerPool;

/**
 * The operators' routes over HTTP. Changes run on threads of their own, more than one, so that a
 * rollback never waits for a load.
 */
public final class AdminEndpoint implements RequestHandler {
  private static final long MAX_BODY = 64 << 10;

  private final AdminHandler answers;
  private final WorkerPool threads;

  public AdminEndpoint(AdminHandler answers, WorkerPool threads) {
    this.answers = answers;
    this.threads = threads;
  }

  @Override
  public void handle(HttpServerRequest request) {
    RequestBody.collect(
        request,
        MAX_BODY,
        body -> enqueue(request, body),
        failure -> send(request, HttpResponse.of(failure)));
  }

  private void enqueue(HttpServerRequest request, byte[] body) {
    Context loop = Vertx.currentContext();
    try {
      threads.submit(
          () -> {
            HttpResponse answer = answered(request, body);
            loop.runOnContext(sent -> send(request, answer));
          });
    } catch (RequestException e) {
      send(request, HttpResponse.of(e));
    }
  }

  @Override
  public void refuse(HttpServerRequest request, RequestException failure) {
    send(request, HttpResponse.of(failure));
  }

  private HttpResponse answered(HttpServerRequest request, byte[] body) {
    try {
      return answers.answer(request.method().name(), request.path(), body);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return HttpResponse.of(RequestException.from(e));
    }
  }

  private static void send(HttpServerRequest request, HttpResponse answer) {
    if (!request.response().ended() && !request.response().closed()) {
      answer.send(request);
    }
  }
}
