package org.pillion.example;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.ranker.InvalidRequest;
import org.pillion.recommender.OnlineFields;
import org.pillion.recommender.RecommendRequest;
import org.pillion.scoring.FieldType;

/** Reads requests in the shim's forms. */
final class RequestReader {
  private static final Set<String> MEMBERS =
      Set.of("user_id", "k", "candidates", "context", "model");

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final OnlineFields online;
  private final boolean textUsers;

  RequestReader(OnlineFields online, boolean textUsers) {
    this.online = online;
    this.textUsers = textUsers;
  }

  /**
   * Reads a body.
   *
   * @throws InvalidRequest naming the member that is not as it must be; null for the whole body
   */
  RecommendRequest post(byte[] body, String requestId, Duration deadline) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new InvalidRequest(null, "the body is no JSON: " + e.getOriginalMessage(), e);
    }
    if (root == null || !root.isObject()) {
      throw new InvalidRequest(null, "the body is no object", null);
    }
    for (Map.Entry<String, JsonNode> member : root.properties()) {
      if (!MEMBERS.contains(member.getKey())) {
        throw unknown(member.getKey(), MEMBERS);
      }
    }
    JsonNode k = root.path("k");
    if (!absent(k) && !(k.isIntegralNumber() && k.canConvertToInt())) {
      throw unfit("k", "a whole number");
    }
    JsonNode model = root.path("model");
    if (!absent(model) && !model.isTextual()) {
      throw unfit("model", "text");
    }
    return new RecommendRequest(
        id(root.path("user_id")),
        absent(k) ? null : k.intValue(),
        candidates(root.path("candidates")),
        context(root.path("context")),
        model.textValue(),
        requestId,
        deadline);
  }

  private static List<Object> candidates(JsonNode json) {
    if (absent(json)) {
      return null;
    }
    if (!json.isArray()) {
      throw unfit("candidates", "a list");
    }
    List<Object> ids = new ArrayList<>();
    json.forEach(item -> ids.add(id(item)));
    return ids;
  }

  /** An id, or what is none and is refused by its field. */
  private static Object id(JsonNode json) {
    if (json.isTextual()) {
      return json.textValue();
    }
    return json.isIntegralNumber() && json.canConvertToLong() ? (Object) json.longValue() : json;
  }

  private Map<String, Object> context(JsonNode json) {
    Map<String, Object> context = new LinkedHashMap<>();
    if (absent(json)) {
      return context;
    }
    if (!json.isObject()) {
      throw unfit("context", "an object");
    }
    for (Map.Entry<String, JsonNode> member : json.properties()) {
      String field = "context." + member.getKey();
      FieldType type = online.type(member.getKey());
      if (type == null) {
        throw unknown(field, online.names());
      }
      if (!member.getValue().isNull()) {
        context.put(member.getKey(), value(field, member.getValue(), type));
      }
    }
    return context;
  }

  private static Object value(String field, JsonNode json, FieldType type) {
    return switch (type) {
      case STRING -> require(json.isTextual(), field, "text", json.textValue());
      case BOOLEAN -> require(json.isBoolean(), field, "true or false", json.booleanValue());
      case INTEGER ->
          require(
              json.isIntegralNumber() && json.canConvertToLong(),
              field,
              "a whole number",
              json.longValue());
      case FLOAT, DOUBLE -> require(json.isNumber(), field, "a number", json.doubleValue());
    };
  }

  private static Object require(boolean holds, String field, String what, Object value) {
    if (!holds) {
      throw unfit(field, what);
    }
    return value;
  }

  /**
   * Reads a path's user and its query.
   *
   * @throws InvalidRequest naming the field that is not as it must be
   */
  RecommendRequest get(String user, String query, String requestId, Duration deadline) {
    Integer k = null;
    String model = null;
    Map<String, Object> context = new LinkedHashMap<>();
    for (String pair : query == null || query.isEmpty() ? new String[0] : query.split("&")) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      String text = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      if (name.equals("k")) {
        k = ((Long) typed(name, text, FieldType.INTEGER)).intValue();
      } else if (name.equals("model")) {
        model = text;
      } else if (online.type(name) == null) {
        throw unknown(name, online.names());
      } else {
        context.put(name, typed(name, text, online.type(name)));
      }
    }
    Object id = textUsers ? user : typed("user_id", user, FieldType.INTEGER);
    return new RecommendRequest(id, k, null, context, model, requestId, deadline);
  }

  private static Object typed(String name, String text, FieldType type) {
    try {
      return switch (type) {
        case STRING -> text;
        case INTEGER -> (Object) Long.valueOf(text);
        case FLOAT, DOUBLE -> (Object) Double.valueOf(text);
        case BOOLEAN -> (Object) Boolean.valueOf(text);
      };
    } catch (NumberFormatException e) {
      throw unfit(name, type == FieldType.INTEGER ? "a whole number" : "a number");
    }
  }

  static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static boolean absent(JsonNode json) {
    return json.isMissingNode() || json.isNull();
  }

  private static InvalidRequest unfit(String field, String what) {
    return new InvalidRequest(field, "the field '" + field + "' must be " + what, null);
  }

  private static InvalidRequest unknown(String field, Set<String> known) {
    return new InvalidRequest(
        field,
        "a request has no field '%s'; known are %s".formatted(field, String.join(", ", known)),
        null);
  }
}
