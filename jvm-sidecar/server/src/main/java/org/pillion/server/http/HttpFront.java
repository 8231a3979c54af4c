package org.pillion.server.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.function.Supplier;
import org.pillion.registry.ModelVersion;
import org.pillion.scoring.ScoringException;
import org.pillion.server.inference.Deadline;
import org.pillion.server.inference.Failure;
import org.pillion.server.inference.InferService;
import org.pillion.server.inference.InputRules;
import org.pillion.server.inference.Metrics;
import org.pillion.server.inference.Models;
import org.pillion.server.inference.Scored;
import org.pillion.server.inference.WorkerPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests from the event loop, has them answered, and sends the answers.
 *
 * <p>State is answered on the event loop; bodies are parsed and scored on the workers.
 */
public final class HttpFront implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(HttpFront.class);
  private static final String REQUEST_ID = "X-Request-Id";
  private static final int MAX_REQUEST_ID = 128;
  private static final String ENCODING = "Content-Encoding";

  private final Models models;
  private final StateAnswers state;
  private final InferService inference;
  private final WorkerPool workers;
  private final Metrics metrics;
  private final long maxBody;
  private final int maxRows;

  public HttpFront(
      Models models,
      StateAnswers state,
      InferService inference,
      WorkerPool workers,
      Metrics metrics,
      long maxBody,
      int maxRows) {
    this.models = models;
    this.state = state;
    this.inference = inference;
    this.workers = workers;
    this.metrics = metrics;
    this.maxBody = maxBody;
    this.maxRows = maxRows;
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
        case METRICS -> exchange.send(Answer.text(metrics.scrape()));
        case INFER -> infer(exchange, target);
      }
    } catch (Failure e) {
      exchange.send(Answer.of(e));
    } catch (RuntimeException e) {
      exchange.send(unexpected(e));
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
    ModelVersion model = models.find(target.model(), target.version());
    exchange.model = model;
    RequestBody.collect(
        request,
        maxBody,
        body -> enqueue(exchange, model, body, deadline),
        failure -> exchange.send(Answer.of(failure)));
  }

  private void enqueue(Exchange exchange, ModelVersion model, byte[] body, Deadline deadline) {
    Context loop = Vertx.currentContext();
    try {
      workers.submit(
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
    if (deadline.isOver(now)) {
      throw new Failure(
          Failure.Kind.TOO_LATE, "the deadline passed before the request could be scored");
    }
    InferBody parts = InferBody.of(body, exchange.request.getHeader(InferBody.HEADER));
    InputRules rules = new InputRules(model.scorer().contract(), maxRows);
    InferRequestReader reader = new InferRequestReader(rules, parts);
    Scored scored = inference.score(model, reader::read, now - exchange.arrival);
    return InferResponseWriter.write(scored, reader::isBinary);
  }

  private static Answer guarded(Supplier<Answer> work) {
    try {
      return work.get();
    } catch (Failure e) {
      return Answer.of(e);
    } catch (ScoringException e) {
      return Answer.of(Failure.of(e));
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return unexpected(e);
    }
  }

  private static Answer unexpected(Throwable e) {
    LOG.error("unexpected failure", e);
    return Answer.of(Failure.unexpected());
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
      metrics.answered(
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
