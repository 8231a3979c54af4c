package org.pillion.server.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.pillion.server.inference.RequestException;

/**
 * The operators' address. Every request needs the token. Changes run on threads of their own, more
 * than one, so that a rollback never waits for a load.
 */
public final class AdminEndpoint implements RequestHandler, AutoCloseable {
  private static final int THREADS = 4;
  private static final int WAITING = 16;
  private static final long MAX_BODY = 64 << 10;

  private final BearerToken token;
  private final AdminHandler answers;
  private final ThreadPoolExecutor threads;

  public AdminEndpoint(BearerToken token, AdminHandler answers) {
    this.token = token;
    this.answers = answers;
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            1,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING),
            task -> {
              Thread thread = new Thread(task, "admin-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public void handle(HttpServerRequest request) {
    boolean authenticated = token.accepts(request.getHeader("Authorization"));
    RequestBody.collect(
        request,
        MAX_BODY,
        body -> {
          if (authenticated) {
            enqueue(request, body);
          } else {
            send(request, HttpResponse.of(unauthenticated()));
          }
        },
        failure -> send(request, HttpResponse.of(authenticated ? failure : unauthenticated())));
  }

  private void enqueue(HttpServerRequest request, byte[] body) {
    Context loop = Vertx.currentContext();
    try {
      threads.execute(
          () -> {
            HttpResponse answer = answered(request, body);
            loop.runOnContext(sent -> send(request, answer));
          });
    } catch (RejectedExecutionException e) {
      send(request, HttpResponse.of(RequestException.queueFull()));
    }
  }

  @Override
  public void refuse(HttpServerRequest request) {
    send(
        request,
        HttpResponse.of(
            new RequestException(RequestException.Kind.INVALID, "the request is not valid HTTP")));
    request.connection().close();
  }

  private static RequestException unauthenticated() {
    return new RequestException(
        RequestException.Kind.UNAUTHENTICATED,
        "the operators' address needs the header 'Authorization: Bearer TOKEN'",
        Map.of("WWW-Authenticate", "Bearer"));
  }

  private HttpResponse answered(HttpServerRequest request, byte[] body) {
    try {
      return answers.answer(request.method().name(), request.path(), body);
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return HttpResponse.of(RequestException.from(e));
    }
  }

  private static void send(HttpServerRequest request, HttpResponse answer) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(answer.status()).putHeader("Content-Type", answer.contentType());
    answer.headers().forEach(response::putHeader);
    response.end(Buffer.buffer(answer.body()));
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
