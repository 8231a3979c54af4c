package org.pillion.example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.pillion.ranker.InvalidRequest;
import org.pillion.recommender.Recommendation;
import org.pillion.recommender.Recommender;

/** The shim's routes over a recommender. */
final class Routes implements HttpHandler {
  private static final String PATH = "/v1/recommendations";
  private static final int LONGEST_BODY = 1 << 18;

  private final Recommender recommender;
  private final RequestReader reader;
  private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();

  private record Response(int status, String type, byte[] body) {
    static Response json(int status, byte[] body) {
      return new Response(status, "application/json", body);
    }
  }

  Routes(Recommender recommender, RequestReader reader) {
    this.recommender = recommender;
    this.reader = reader;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
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

  private Response answer(Recommendation answer) throws IOException {
    String reason = answer.reason() == null ? "" : answer.reason();
    answers
        .computeIfAbsent(
            "source=\"%s\",reason=\"%s\"".formatted(answer.source().text(), reason),
            key -> new LongAdder())
        .increment();
    return Response.json(200, AnswerWriter.answer(answer));
  }

  private Response ready() throws IOException {
    return Response.json(
        recommender.snapshot().isPresent() ? 200 : 503,
        AnswerWriter.ready(recommender.snapshot(), recommender.breakers()));
  }

  private Response metrics() {
    StringBuilder text = new StringBuilder("# TYPE pillion_host_answers_total counter\n");
    new TreeMap<>(answers)
        .forEach(
            (labels, count) ->
                text.append("pillion_host_answers_total{%s} %d\n".formatted(labels, count.sum())));
    text.append("# TYPE pillion_host_breaker_closed gauge\n");
    recommender
        .breakers()
        .forEach(
            breaker ->
                text.append(
                    "pillion_host_breaker_closed{name=\"%s\"} %d\n"
                        .formatted(
                            breaker.getName(),
                            breaker.getState() == CircuitBreaker.State.CLOSED ? 1 : 0)));
    return new Response(
        200,
        "text/plain; version=0.0.4; charset=utf-8",
        text.toString().getBytes(StandardCharsets.UTF_8));
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
