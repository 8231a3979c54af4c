package org.pillion.server.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.function.Supplier;
import org.pillion.registry.ModelVersion;
import org.pillion.server.inference.Core;
import org.pillion.server.inference.Deadline;
import org.pillion.server.inference.Failure;

/**
 * Takes requests from the event loop, has them answered, and sends the answers.
 *
 * <p>State is answered on the event loop; bodies are parsed and scored on the workers.
 */
public final class HttpFront implements HttpHandler {
  private static final String REQUEST_ID = "X-Request-Id";
  private static final int MAX_REQUEST_ID = 128;
  private static final String ENCODING = "Content-Encoding";

  private final Core core;
  private final StateAnswers state;

  public HttpFront(Core core) {
    this.core = core;
    this.state = new StateAnswers(core);
  }

  @Override
  public void handle(HttpServerRequest request) {
    Exchange exchange = new Exchange(request);
    request.exceptionHandler(e -> exchange.abandon());
    request.response().closeHandler(closed -> exchange.abandon());
    try {
      Target target = Target.parse(request.path());
      exchange.route = target.route();
      if (!request.method().equals(target.route().method())) {
        String allowed = target.route().method().name();
        throw new Failure(
            Failure.Kind.METHOD_NOT_ALLOWED,
            "only " + allowed + " is allowed for this path",
            Map.of("Allow", allowed));
      }
      switch (target.route()) {
        case SERVER_METADATA -> exchange.send(state.server());
        case LIVE -> exchange.send(state.live());
        case READY -> exchange.send(state.ready());
        case MODEL_METADATA -> exchange.send(state.model(target));
        case MODEL_READY -> exchange.send(state.modelReady(target));
        case MODEL_STATISTICS -> exchange.send(state.statistics(target));
        case METRICS -> exchange.send(Answer.text(core.metrics().scrape()));
        case INFER -> infer(exchange, target);
      }
    } catch (RuntimeException e) {
      exchange.send(Answer.of(Failure.from(e)));
    }
  }

  @Override
  public void refuse(HttpServerRequest request) {
    Exchange exchange = new Exchange(request);
    exchange.send(Answer.of(new Failure(Failure.Kind.INVALID, "the request is not valid HTTP")));
    request.connection().close();
  }

  private void infer(Exchange exchange, Target target) {
    HttpServerRequest request = exchange.request;
    Deadline deadline = Deadline.of(request.getHeader(Deadline.HEADER), exchange.arrival);
    String encoding = request.getHeader(ENCODING);
    if (encoding != null && !encoding.equals("identity")) {
      throw new Failure(Failure.Kind.UNSUPPORTED_ENCODING, "the body must not be compressed");
    }
    ModelVersion model = core.models().find(target.model(), target.version());
    exchange.model = model;
    RequestBody.collect(
        request,
        core.maxBody(),
        body -> enqueue(exchange, model, body, deadline),
        failure -> exchange.send(Answer.of(failure)));
  }

  private void enqueue(Exchange exchange, ModelVersion model, byte[] body, Deadline deadline) {
    Context loop = Vertx.currentContext();
    try {
      core.workers()
          .submit(
              () -> {
                if (exchange.request.response().closed()) {
                  return;
                }
                Answer answer = guarded(() -> work(exchange, model, body, deadline));
                loop.runOnContext(sent -> exchange.send(answer));
              });
    } catch (Failure e) {
      exchange.send(Answer.of(e));
    }
  }

  private Answer work(Exchange exchange, ModelVersion model, byte[] body, Deadline deadline) {
    long now = System.nanoTime();
    deadline.require(now);
    InferBody parts = InferBody.of(body, exchange.request.getHeader(InferBody.HEADER));
    InferRequestReader reader = new InferRequestReader(core.rules(model), parts);
    return core.inference()
        .answer(
            model,
            reader::read,
            scored -> InferResponseWriter.write(scored, reader::isBinary),
            now - exchange.arrival);
  }

  private static Answer guarded(Supplier<Answer> work) {
    try {
      return work.get();
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return Answer.of(Failure.from(e));
    }
  }

  /** One request and its one answer; used on the event loop only, but for its final fields. */
  private final class Exchange {
    private final HttpServerRequest request;
    private final long arrival = System.nanoTime();
    private Route route;
    private ModelVersion model;
    private boolean done;

    Exchange(HttpServerRequest request) {
      this.request = request;
    }

    void send(Answer answer) {
      if (done) {
        return;
      }
      HttpServerResponse response = request.response();
      if (response.closed()) {
        abandon();
        return;
      }
      done = true;
      core.metrics()
          .answered(
              route == null ? "none" : route.label(),
              model,
              answer.status(),
              System.nanoTime() - arrival);
      response.setStatusCode(answer.status()).putHeader("Content-Type", answer.contentType());
      answer.headers().forEach(response::putHeader);
      String id = request.getHeader(REQUEST_ID);
      if (id != null && id.length() <= MAX_REQUEST_ID) {
        response.putHeader(REQUEST_ID, id);
      }
      response.end(Buffer.buffer(answer.body()));
    }

    /** The caller is gone. */
    void abandon() {
      done = true;
    }
  }
}
