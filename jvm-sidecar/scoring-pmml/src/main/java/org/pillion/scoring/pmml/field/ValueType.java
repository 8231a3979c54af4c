package org.pillion.scoring.pmml.field;

import org.pillion.pmml.Element;
import org.pillion.scoring.OperationalType;

/**
 * The type of a value, known before it is computed.
 *
 * @param data type of the values
 * @param operational whether they can be compared by size
 */
public record ValueType(DataType data, OperationalType operational) {
  public static final ValueType CONTINUOUS_DOUBLE =
      new ValueType(DataType.DOUBLE, OperationalType.CONTINUOUS);
  public static final ValueType CONTINUOUS_INTEGER =
      new ValueType(DataType.INTEGER, OperationalType.CONTINUOUS);
  public static final ValueType CATEGORICAL_DOUBLE =
      new ValueType(DataType.DOUBLE, OperationalType.CATEGORICAL);
  public static final ValueType CATEGORICAL_STRING =
      new ValueType(DataType.STRING, OperationalType.CATEGORICAL);
  public static final ValueType BOOLEAN =
      new ValueType(DataType.BOOLEAN, OperationalType.CATEGORICAL);

  public static ValueType continuous(DataType data) {
    return new ValueType(data, OperationalType.CONTINUOUS);
  }

  public static ValueType categorical(DataType data) {
    return new ValueType(data, OperationalType.CATEGORICAL);
  }

  /** The type of a constant: numbers are continuous, texts and truth values categorical. */
  public static ValueType natural(DataType data) {
    return data.isNumeric() ? continuous(data) : categorical(data);
  }

  public boolean isContinuous() {
    return operational == OperationalType.CONTINUOUS;
  }

  /** The type that {@code optype} and {@code dataType} of an element declare. */
  public static ValueType of(Element element) {
    return new ValueType(
        DataType.of(element, "dataType"), operational(element, element.require("optype")));
  }

  /** As {@link #of}, with another type for what is absent. */
  public static ValueType of(Element element, ValueType otherwise) {
    DataType data = DataType.of(element, "dataType", otherwise.data());
    String optype = element.attribute("optype");
    return new ValueType(
        data, optype == null ? otherwise.operational() : operational(element, optype));
  }

  private static OperationalType operational(Element element, String optype) {
    return switch (optype) {
      case "continuous" -> OperationalType.CONTINUOUS;
      case "categorical" -> OperationalType.CATEGORICAL;
      case "ordinal" -> OperationalType.ORDINAL;
      default -> throw element.unsupported("optype");
    };
  }
}
