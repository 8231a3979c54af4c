package org.pillion.example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.pillion.ranker.InvalidRequest;
import org.pillion.recommender.Recommendation;
import org.pillion.recommender.Recommender;

/** The shim's routes over a recommender. */
final class Routes implements HttpHandler {
  private static final String PATH = "/v1/recommendations";
  private static final int LONGEST_BODY = 1 << 18;

  private final Recommender recommender;
  private final RequestReader reader;
  private final PrometheusMeterRegistry registry;

  private record Response(int status, String type, byte[] body) {
    static Response json(int status, byte[] body) {
      return new Response(status, "application/json", body);
    }
  }

  Routes(Recommender recommender, RequestReader reader, PrometheusMeterRegistry registry) {
    this.recommender = recommender;
    this.reader = reader;
    this.registry = registry;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    long start = System.nanoTime();
    String id = exchange.getRequestHeaders().getFirst("X-Request-Id");
    String requestId = id == null ? UUID.randomUUID().toString() : id;
    Response response;
    try {
      response = response(exchange, requestId);
    } catch (InvalidRequest e) {
      response =
          Response.json(400, AnswerWriter.problem("invalid_input", e.getMessage(), e.field()));
    }
    exchange.getResponseHeaders().set("Content-Type", response.type());
    exchange.getResponseHeaders().set("X-Request-Id", requestId);
    exchange.sendResponseHeaders(response.status(), response.body().length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(response.body());
    }
    count(exchange, response.status(), System.nanoTime() - start);
  }

  private void count(HttpExchange exchange, int status, long nanos) {
    String path = exchange.getRequestURI().getRawPath();
    String route = path.startsWith(PATH + "/") ? PATH + "/{user_id}" : path;
    if (status == 404) {
      route = "none";
    }
    registry
        .counter(
            "pillion.shim.requests",
            "route",
            route,
            "method",
            exchange.getRequestMethod(),
            "status",
            Integer.toString(status))
        .increment();
    registry.timer("pillion.shim.request", "route", route).record(nanos, TimeUnit.NANOSECONDS);
  }

  private Response response(HttpExchange exchange, String requestId) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    String method = exchange.getRequestMethod();
    if (path.equals(PATH) && method.equals("POST")) {
      byte[] body = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
      if (body.length > LONGEST_BODY) {
        return Response.json(413, AnswerWriter.problem("too_large", "the body is too long", null));
      }
      return answer(recommender.recommend(reader.post(body, requestId, deadline(exchange))));
    }
    if (path.startsWith(PATH + "/") && method.equals("GET")) {
      String user = RequestReader.decoded(path.substring(PATH.length() + 1));
      String query = exchange.getRequestURI().getRawQuery();
      return answer(recommender.recommend(reader.get(user, query, requestId, deadline(exchange))));
    }
    return switch (path) {
      case "/healthz" -> Response.json(200, "{\"live\": true}".getBytes(StandardCharsets.UTF_8));
      case "/readyz" -> ready();
      case "/v1/status" ->
          Response.json(200, AnswerWriter.status(recommender.snapshot(), recommender.breakers()));
      case "/metrics" -> metrics();
      default ->
          Response.json(404, AnswerWriter.problem("not_found", "there is no such path", null));
    };
  }

  private static Response answer(Recommendation answer) throws IOException {
    return Response.json(200, AnswerWriter.answer(answer));
  }

  private Response ready() throws IOException {
    return Response.json(
        recommender.snapshot().isPresent() ? 200 : 503,
        AnswerWriter.ready(recommender.snapshot(), recommender.breakers()));
  }

  private Response metrics() {
    return new Response(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        registry.scrape().getBytes(StandardCharsets.UTF_8));
  }

  private static Duration deadline(HttpExchange exchange) {
    String name = "X-Deadline-Ms";
    String text = exchange.getRequestHeaders().getFirst(name);
    if (text == null) {
      return null;
    }
    try {
      double millis = Double.parseDouble(text);
      if (millis > 0 && millis < 1e12) {
        return Duration.ofNanos((long) (1e6 * millis));
      }
    } catch (NumberFormatException e) {
      throw new InvalidRequest(name, "the header '" + name + "' is no number", e);
    }
    throw new InvalidRequest(name, "the header '" + name + "' must be greater than 0", null);
  }
}
