package org.example.host;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import org.pillion.embedded.EmbeddedRanker;
import org.pillion.ranker.Deadline;
import org.pillion.ranker.InvalidRequest;
import org.pillion.ranker.RankAnswer;
import org.pillion.ranker.RankRequest;
import org.pillion.ranker.Ranker;
import org.pillion.ranker.RankerException;
import org.pillion.scoring.FeatureContract;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.InputField;

/**
 * A service that recommends one of thirty films by what is known of the visit: GET
 * /films?device=tv&hour=21&weekday=5.
 */
public final class Host {
  private static final String MODEL = "titles30";
  private static final Duration BUDGET = Duration.ofSeconds(5);

  private Host() {}

  /** Serves on a free port, which it prints, until its standard input ends. */
  public static void main(String[] arguments) throws IOException {
    try (Ranker ranker = EmbeddedRanker.ofResource("pillion-models").models(MODEL).open()) {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.setExecutor(Executors.newFixedThreadPool(4));
      server.createContext("/films", exchange -> answer(ranker, exchange));
      server.start();
      System.out.println(
          "LISTENING example-host http://127.0.0.1:" + server.getAddress().getPort());
      while (System.in.read() >= 0) {}
      server.stop(0);
    }
    System.exit(0);
  }

  private static void answer(Ranker ranker, HttpExchange exchange) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int status = 200;
    try (JsonGenerator json = new JsonFactory().createGenerator(body)) {
      json.writeStartObject();
      try {
        Deadline deadline = Deadline.after(BUDGET);
        Map<String, Object> visit =
            context(
                exchange.getRequestURI().getRawQuery(), ranker.contract(MODEL, deadline).fields());
        RankRequest request = RankRequest.of(MODEL).context(visit).k(30).strict().build();
        write(ranker.rank(request, deadline), json);
      } catch (InvalidRequest e) {
        status = 400;
        json.writeStringField("error", e.getMessage());
      } catch (RankerException e) {
        status = 503;
        json.writeStringField("error", e.getMessage());
      }
      json.writeEndObject();
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.size());
    try (OutputStream out = exchange.getResponseBody()) {
      body.writeTo(out);
    }
  }

  private static void write(RankAnswer answer, JsonGenerator json) throws IOException {
    json.writeNumberField("version", answer.version());
    json.writeStringField("engine", answer.engine());
    json.writeArrayFieldStart("films");
    for (int i = 0; i < answer.items().size(); i++) {
      json.writeStartObject();
      json.writeNumberField("id", (Long) answer.items().get(i));
      json.writeNumberField("score", answer.scores().get(i));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** The query's values, in the types of the model's inputs. */
  private static Map<String, Object> context(String query, FeatureContract contract) {
    Map<String, Object> context = new HashMap<>();
    for (String pair : query == null ? new String[0] : query.split("&")) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      context.put(name, typed(name, decoded(pair.substring(equals + 1)), contract));
    }
    return context;
  }

  private static Object typed(String name, String text, FeatureContract contract) {
    Integer position = contract.inputPositions().get(name);
    InputField input = position == null ? null : contract.inputs().get(position);
    if (input == null || input.type() == FieldType.STRING) {
      return text;
    }
    try {
      return input.type() == FieldType.INTEGER
          ? (Object) Long.valueOf(text)
          : (Object) Double.valueOf(text);
    } catch (NumberFormatException e) {
      throw new InvalidRequest(name, "the field '" + name + "' is no number: " + text, e);
    }
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
