package org.pillion.server;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.pillion.registry.ModelVersion;
import org.pillion.server.access.BearerToken;
import org.pillion.server.access.OperatorAccess;
import org.pillion.server.errors.RequestException;
import org.pillion.server.http.Caller;
import org.pillion.server.http.ContentCoding;
import org.pillion.server.http.HttpResponse;
import org.pillion.server.http.RequestBody;
import org.pillion.server.http.RequestHandler;
import org.pillion.server.http.Route;
import org.pillion.server.http.Target;
import org.pillion.server.inference.Ranker;
import org.pillion.server.inference.ServerContext;
import org.pillion.server.limits.Deadline;
import org.pillion.server.limits.Place;
import org.pillion.server.openscoring.OpenscoringHandler;
import org.pillion.server.v2.InferBody;
import org.pillion.server.v2.InferRequestReader;
import org.pillion.server.v2.InferResponseWriter;
import org.pillion.server.v2.RankRequestReader;
import org.pillion.server.v2.RankResponseWriter;
import org.pillion.server.v2.StateHandler;

/**
 * Handles HTTP requests: answers state on the event loop, and has bodies parsed and scored on the
 * workers.
 */
public final class HttpHandler implements RequestHandler {
  private static final String REQUEST_ID = "X-Request-Id";
  private static final int MAX_REQUEST_ID = 128;

  private final ServerContext server;
  private final StateHandler state;
  private final OpenscoringHandler openscoring;
  private final Optional<Supplier<BearerToken>> operators;

  /**
   * A handler.
   *
   * @param operators token, as it is now, of callers that change deployed models; empty where no
   *     caller may
   */
  public HttpHandler(ServerContext server, Optional<Supplier<BearerToken>> operators) {
    this.server = server;
    this.state = new StateHandler(server);
    this.openscoring = new OpenscoringHandler(server);
    this.operators = operators;
  }

  @Override
  public void handle(HttpServerRequest request) {
    Exchange exchange = new Exchange(request);
    try {
      Target target = Target.parse(request.path());
      exchange.route = target.route();
      HttpMethod allowed = target.route().method();
      if (allowed != null && !exchange.method().equals(allowed)) {
        throw RequestException.methodNotAllowed(allowed.name());
      }
      switch (target.route()) {
        case SERVER_METADATA -> exchange.send(state.server());
        case OPENAPI -> exchange.send(StateHandler.openApi());
        case LIVE -> exchange.send(state.live());
        case READY -> exchange.send(state.ready());
        case MODEL_METADATA -> exchange.send(state.model(target));
        case MODEL_READY -> exchange.send(state.modelReady(target));
        case MODEL_STATISTICS -> exchange.send(state.statistics(target));
        case METRICS -> exchange.send(HttpResponse.text(server.metrics().scrape()));
        case INFER, RANK -> score(exchange, target);
        case OPENSCORING -> openscoring(exchange);
      }
    } catch (RuntimeException e) {
      exchange.refuse(RequestException.from(e));
    }
  }

  @Override
  public void refuse(HttpServerRequest request, RequestException failure) {
    String path = request.path();
    HttpResponse answer =
        path != null && Target.isOpenscoring(path)
            ? OpenscoringHandler.inDialect(OpenscoringHandler.of(failure))
            : HttpResponse.of(failure);
    answer.send(request);
  }

  private void score(Exchange exchange, Target target) {
    HttpServerRequest request = exchange.request;
    Deadline deadline = Deadline.of(request.getHeader(Deadline.HEADER), exchange.arrival);
    ContentCoding coding = ContentCoding.ofBody(request.headers());
    ModelVersion model = server.models().find(target.model(), target.version());
    exchange.model = model;
    InferBody.requireNumber(request.getHeader(InferBody.HEADER));
    collect(
        exchange,
        coding,
        body -> {
          long now = System.nanoTime();
          deadline.require(now);
          InferBody parts = InferBody.of(body, request.getHeader(InferBody.HEADER));
          return target.route() == Route.RANK
              ? rank(exchange, model, parts, now, deadline)
              : infer(exchange, model, parts, now);
        });
  }

  private HttpResponse infer(Exchange exchange, ModelVersion model, InferBody body, long now) {
    InferRequestReader reader = new InferRequestReader(server.rules(model, exchange.place), body);
    return server
        .inference()
        .answer(
            model,
            exchange.place,
            reader::read,
            scored -> InferResponseWriter.write(scored, reader::isBinary),
            now - exchange.arrival);
  }

  private HttpResponse rank(
      Exchange exchange, ModelVersion model, InferBody body, long now, Deadline deadline) {
    Ranker.ranking(model);
    RankRequestReader reader =
        new RankRequestReader(
            server.rules(model, exchange.place),
            version -> server.items().find(model, version),
            body,
            exchange.arrival,
            deadline);
    return server
        .inference()
        .rank(
            model, exchange.place, reader::read, RankResponseWriter::write, now - exchange.arrival);
  }

  private void openscoring(Exchange exchange) {
    HttpServerRequest request = exchange.request;
    exchange.isOpenscoring = true;
    ContentCoding coding = ContentCoding.ofBody(request.headers());
    List<String> path = Target.rest(request.path());
    Optional<String> operator =
        operators
            .filter(token -> token.get().accepts(request.getHeader("Authorization")))
            .map(token -> Caller.current().orElse(OperatorAccess.OPERATOR));
    collect(
        exchange,
        coding,
        body ->
            openscoring.answer(
                new OpenscoringHandler.Call(
                    exchange.method().name(),
                    path,
                    request::getParam,
                    operator,
                    exchange.place,
                    System.nanoTime() - exchange.arrival),
                body));
  }

  /** Has a body worked on once it is there: a worker unpacks it, and compresses its answer. */
  private void collect(
      Exchange exchange, ContentCoding coding, Function<byte[], HttpResponse> work) {
    ContentCoding wanted = ContentCoding.ofAnswer(exchange.request.headers());
    Place place = exchange.place;
    RequestBody.collect(
        exchange.request,
        server.maxBody(),
        body ->
            server
                .workers()
                .answer(
                    place,
                    () ->
                        wanted.pack(
                            work.apply(coding.unpack(body, server.maxBody(), place::arrived)),
                            place),
                    exchange::send,
                    exchange::refuse),
        exchange::refuse);
  }

  /** A request and its one response; workers use its final fields only. */
  private final class Exchange {
    private final HttpServerRequest request;
    private final Place place = Place.current();
    private final long arrival = System.nanoTime();
    private Route route;
    private ModelVersion model;
    private boolean isOpenscoring;
    private boolean done;

    Exchange(HttpServerRequest request) {
      this.request = request;
    }

    /** The request's method; HEAD is answered as GET is, without the body. */
    HttpMethod method() {
      return request.method() == HttpMethod.HEAD ? HttpMethod.GET : request.method();
    }

    void refuse(RequestException failure) {
      send(isOpenscoring ? OpenscoringHandler.of(failure) : HttpResponse.of(failure));
    }

    void send(HttpResponse plain) {
      HttpResponse answer = isOpenscoring ? OpenscoringHandler.inDialect(plain) : plain;
      if (done || request.response().closed()) {
        return;
      }
      done = true;
      server
          .metrics()
          .answered(
              route == null ? "none" : route.label(),
              model,
              answer.status(),
              System.nanoTime() - arrival);
      String id = request.getHeader(REQUEST_ID);
      if (id != null && id.length() <= MAX_REQUEST_ID) {
        request.response().putHeader(REQUEST_ID, id);
      }
      place.beginAnswer();
      answer.send(request).onComplete(written -> place.endAnswer());
    }
  }
}
