package org.pillion.registry;

import org.pillion.scoring.FieldType;

/** A JSON value of the repository's files as the boxed value of a field's type. */
final class TypedJson {
  private TypedJson() {}

  /**
   * Converts exactly, or refuses.
   *
   * @param json a value of {@link JsonTree}; null is missing
   * @return the boxed value, or null when missing
   */
  static Object value(Object json, FieldType type, String where) throws VersionRefused {
    if (json == null) {
      return null;
    }
    Object value =
        switch (type) {
          case STRING -> json instanceof String ? json : null;
          case BOOLEAN -> json instanceof Boolean ? json : null;
          case INTEGER -> integer(json);
          case FLOAT -> json instanceof Number || json instanceof String ? narrow(json) : null;
          case DOUBLE -> floating(json);
        };
    if (value == null) {
      throw new VersionRefused(where + " is not of type " + type.text() + ": " + json);
    }
    return value;
  }

  private static Long integer(Object json) {
    if (json instanceof Double number && number.longValue() == number) {
      return number.longValue();
    }
    return json instanceof Long number ? number : null;
  }

  private static Double floating(Object json) {
    if (json instanceof Number number) {
      return number.doubleValue();
    }
    return switch (json.toString()) {
      case "NaN" -> Double.NaN;
      case "Infinity" -> Double.POSITIVE_INFINITY;
      case "-Infinity" -> Double.NEGATIVE_INFINITY;
      default -> null;
    };
  }

  private static Float narrow(Object json) {
    Double number = floating(json);
    return number == null ? null : number.floatValue();
  }
}
