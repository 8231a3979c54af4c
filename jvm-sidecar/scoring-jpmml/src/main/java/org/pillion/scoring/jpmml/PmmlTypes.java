package org.pillion.scoring.jpmml;

import org.dmg.pmml.DataType;
import org.dmg.pmml.MiningFunction;
import org.dmg.pmml.OpType;
import org.pillion.scoring.FieldType;
import org.pillion.scoring.OperationalType;

/** PMML's types in the scoring API's terms. */
final class PmmlTypes {
  private PmmlTypes() {}

  /** Dates and times cross the API as text, in the form that PMML parses. */
  static FieldType fieldType(DataType type) {
    return switch (type) {
      case INTEGER -> FieldType.INTEGER;
      case FLOAT -> FieldType.FLOAT;
      case DOUBLE -> FieldType.DOUBLE;
      case BOOLEAN -> FieldType.BOOLEAN;
      default -> FieldType.STRING;
    };
  }

  /** The type of what a model predicts for no field of the document. */
  static FieldType predictionType(MiningFunction function) {
    return switch (function) {
      case REGRESSION, TIME_SERIES -> FieldType.DOUBLE;
      default -> FieldType.STRING;
    };
  }

  static OperationalType operationalType(OpType type) {
    return switch (type) {
      case CONTINUOUS -> OperationalType.CONTINUOUS;
      case CATEGORICAL -> OperationalType.CATEGORICAL;
      case ORDINAL -> OperationalType.ORDINAL;
    };
  }

  /**
   * A value of JPMML, boxed as a column of a type holds it.
   *
   * @param value the value, or null for a missing one
   * @return the boxed value, or null
   * @throws IllegalArgumentException when the value has no exact form in that type
   */
  static Object boxed(FieldType type, Object value) {
    if (value == null) {
      return null;
    }
    return switch (type) {
      case STRING -> value.toString();
      case BOOLEAN -> value instanceof Boolean flag ? flag : parseBoolean(value.toString());
      case INTEGER -> integer(value);
      case FLOAT -> value instanceof Number number ? number.floatValue() : parseFloat(value);
      case DOUBLE -> value instanceof Number number ? number.doubleValue() : parseDouble(value);
    };
  }

  private static Long integer(Object value) {
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    double number = value instanceof Number n ? n.doubleValue() : parseDouble(value);
    long whole = (long) number;
    if (whole != number) {
      throw new IllegalArgumentException("'" + value + "' is not a whole number");
    }
    return whole;
  }

  private static Boolean parseBoolean(String text) {
    return switch (text) {
      case "true", "1", "1.0" -> Boolean.TRUE;
      case "false", "0", "0.0" -> Boolean.FALSE;
      default -> throw new IllegalArgumentException("'" + text + "' is not true or false");
    };
  }

  private static Float parseFloat(Object value) {
    return Float.valueOf(value.toString());
  }

  private static Double parseDouble(Object value) {
    return Double.valueOf(value.toString());
  }
}
