package org.pillion.scoring.pmml.field;

import org.pillion.pmml.Element;
import org.pillion.scoring.FieldType;

/** The types of values that are compiled; PMML has more, for dates and times. */
public enum DataType {
  STRING(FieldType.STRING),
  INTEGER(FieldType.INTEGER),
  FLOAT(FieldType.FLOAT),
  DOUBLE(FieldType.DOUBLE),
  BOOLEAN(FieldType.BOOLEAN);

  private final FieldType fieldType;

  DataType(FieldType fieldType) {
    this.fieldType = fieldType;
  }

  public FieldType fieldType() {
    return fieldType;
  }

  public boolean isNumeric() {
    return this == INTEGER || this == FLOAT || this == DOUBLE;
  }

  /** The type that an attribute names. */
  public static DataType of(Element element, String attribute) {
    return named(element, attribute, element.require(attribute));
  }

  /** The type that an attribute names, or another one where the attribute is absent. */
  public static DataType of(Element element, String attribute, DataType otherwise) {
    String name = element.attribute(attribute);
    return name == null ? otherwise : named(element, attribute, name);
  }

  private static DataType named(Element element, String attribute, String name) {
    return switch (name) {
      case "string" -> STRING;
      case "integer" -> INTEGER;
      case "float" -> FLOAT;
      case "double" -> DOUBLE;
      case "boolean" -> BOOLEAN;
      default -> throw element.unsupported(attribute);
    };
  }
}
