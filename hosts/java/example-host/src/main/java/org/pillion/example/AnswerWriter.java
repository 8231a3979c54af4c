package org.pillion.example;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.pillion.features.BatchAnswers;
import org.pillion.features.Snapshot;
import org.pillion.recommender.Recommendation;
import org.pillion.recommender.ScoredItem;

/** Writes answers in the shim's form. */
final class AnswerWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private AnswerWriter() {}

  static byte[] answer(Recommendation answer) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("request_id", answer.requestId());
      json.writeFieldName("user_id");
      id(answer.userId(), json);
      json.writeArrayFieldStart("items");
      for (ScoredItem item : answer.items()) {
        json.writeStartObject();
        json.writeFieldName("item_id");
        id(item.id(), json);
        json.writeStringField("title", item.title());
        number("score", item.score(), json);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeStringField("source", answer.source().text());
      json.writeStringField("reason", answer.reason());
      json.writeStringField("model", answer.model());
      if (answer.version() == 0) {
        json.writeNullField("version");
      } else {
        json.writeNumberField("version", answer.version());
      }
      json.writeStringField("engine", answer.engine());
      number("feature_age_s", answer.featureAgeSeconds(), json);
      json.writeArrayFieldStart("unknown_items");
      for (Object item : answer.unknownItems()) {
        id(item, json);
      }
      json.writeEndArray();
      json.writeNumberField("seen_items", answer.seenItems());
      json.writeNumberField("unscored_items", answer.unscoredItems());
      number("seen_share", answer.seenShare(), json);
      json.writeObjectFieldStart("timings_ms");
      json.writeNumberField("fetch", answer.timings().fetch());
      json.writeNumberField("assemble", answer.timings().assemble());
      json.writeNumberField("score", answer.timings().score());
      json.writeNumberField("rank", answer.timings().rank());
      json.writeNumberField("total", answer.timings().total());
      json.writeEndObject();
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  /**
   * Whether every request can be answered with items, and which dependencies' breakers are closed.
   */
  static byte[] ready(Optional<Snapshot> snapshot, List<CircuitBreaker> breakers)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeBooleanField("ready", snapshot.isPresent());
      snapshot(snapshot, json);
      json.writeObjectFieldStart("dependencies");
      for (CircuitBreaker breaker : breakers) {
        boolean up = breaker.getState() == CircuitBreaker.State.CLOSED;
        json.writeStringField(breaker.getName(), up ? "up" : "down");
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  /** Which features, and which answers computed ahead, are in use. */
  static byte[] status(Optional<Snapshot> snapshot, List<CircuitBreaker> breakers)
      throws IOException {
    Optional<BatchAnswers> batch = snapshot.flatMap(Snapshot::batch);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      snapshot(snapshot, json);
      json.writeFieldName("batch");
      if (batch.isPresent()) {
        json.writeStartObject();
        json.writeNumberField("run", batch.get().run());
        json.writeStringField("model", batch.get().model());
        json.writeNumberField("version", batch.get().version());
        json.writeEndObject();
      } else {
        json.writeNull();
      }
      json.writeArrayFieldStart("others");
      json.writeEndArray();
      json.writeObjectFieldStart("breakers");
      for (CircuitBreaker breaker : breakers) {
        json.writeStringField(
            breaker.getName(), breaker.getState().name().toLowerCase(Locale.ROOT));
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  static byte[] problem(String code, String message, String field) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeObjectFieldStart("error");
      json.writeStringField("code", code);
      json.writeStringField("message", message);
      json.writeStringField("field", field);
      json.writeEndObject();
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  private static void id(Object id, JsonGenerator json) throws IOException {
    if (id instanceof Long number) {
      json.writeNumber(number);
    } else {
      json.writeString((String) id);
    }
  }

  private static void snapshot(Optional<Snapshot> snapshot, JsonGenerator json) throws IOException {
    if (snapshot.isPresent()) {
      json.writeNumberField("snapshot", snapshot.get().version());
    } else {
      json.writeNullField("snapshot");
    }
  }

  private static void number(String name, Double value, JsonGenerator json) throws IOException {
    if (value == null) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, value);
    }
  }
}
