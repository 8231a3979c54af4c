package org.pillion.recommender;

import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pillion.ranker.InvalidRequest;
import org.pillion.scoring.FieldType;

/** Checks what a request says of itself, and derives what it does not. */
public final class OnlineFields {
  /** The field that says of which moment a request is, in seconds since 1970 UTC. */
  public static final String TIMESTAMP = "timestamp";

  private static final int LONGEST_TEXT = 200;

  private final Map<String, OnlineField> fields = new LinkedHashMap<>();
  private final boolean derives;

  OnlineFields(List<OnlineField> declared) {
    declared.forEach(field -> fields.put(field.name(), field));
    derives = declared.stream().anyMatch(field -> field.derive() != null);
  }

  /** What a request may say. */
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>(fields.keySet());
    if (derives) {
      names.add(TIMESTAMP);
    }
    return names;
  }

  /** The type of a field; null where there is none. */
  public FieldType type(String name) {
    OnlineField field = fields.get(name);
    if (field != null) {
      return field.type();
    }
    return derives && name.equals(TIMESTAMP) ? FieldType.DOUBLE : null;
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  /**
   * The value of each field; null is missing.
   *
   * @param context what the request says
   * @param now seconds since 1970 UTC, where the request gives no moment
   * @throws InvalidRequest when a field is not declared, of another type or out of its range
   */
  Map<String, Object> read(Map<String, ?> context, double now) {
    double moment = now;
    Map<String, Object> given = new HashMap<>();
    for (Map.Entry<String, ?> entry : context.entrySet()) {
      String name = entry.getKey();
      if (entry.getValue() == null) {
        continue;
      }
      if (type(name) == null) {
        throw new InvalidRequest(
            name,
            "a request has no field '%s'; known are %s".formatted(name, String.join(", ", names())),
            null);
      }
      Object value = checked(name, entry.getValue());
      if (name.equals(TIMESTAMP)) {
        moment = ((Number) value).doubleValue();
      }
      given.put(name, value);
    }
    Map<String, Object> values = new HashMap<>();
    for (OnlineField field : fields.values()) {
      Object value = given.get(field.name());
      if (value == null) {
        value = field.derive() == null ? field.otherwise() : derived(field, moment);
      }
      values.put(field.name(), value);
    }
    return values;
  }

  private static Object derived(OnlineField field, double moment) {
    ZonedDateTime time = Instant.ofEpochSecond((long) Math.floor(moment)).atZone(field.zone());
    return field.derive() == OnlineField.Derive.HOUR
        ? (long) time.getHour()
        : (long) time.getDayOfWeek().getValue() - 1;
  }

  private Object checked(String name, Object value) {
    FieldType type = type(name);
    Object found =
        switch (type) {
          case STRING ->
              value instanceof String text && text.codePointCount(0, text.length()) <= LONGEST_TEXT
                  ? text
                  : null;
          case BOOLEAN -> value instanceof Boolean ? value : null;
          case INTEGER ->
              value instanceof Long || value instanceof Integer
                  ? (Object) ((Number) value).longValue()
                  : null;
          case FLOAT ->
              value instanceof Number number ? (Object) (double) number.floatValue() : null;
          case DOUBLE -> value instanceof Number number ? (Object) number.doubleValue() : null;
        };
    OnlineField field = fields.get(name);
    if (found instanceof Number number && field != null && field.range() != null) {
      double bounded = number.doubleValue();
      if (!(field.range()[0] <= bounded && bounded <= field.range()[1])) {
        found = null;
      }
    }
    if (found == null) {
      throw new InvalidRequest(name, "the field '" + name + "' must be " + what(type, field), null);
    }
    return found;
  }

  private static String what(FieldType type, OnlineField field) {
    String kind =
        switch (type) {
          case STRING -> "text of at most " + LONGEST_TEXT + " characters";
          case BOOLEAN -> "true or false";
          case INTEGER -> "a whole number";
          case FLOAT, DOUBLE -> "a number";
        };
    return field == null || field.range() == null
        ? kind
        : "%s from %s to %s".formatted(kind, field.range()[0], field.range()[1]);
  }
}
