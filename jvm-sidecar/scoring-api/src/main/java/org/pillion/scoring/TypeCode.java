package org.pillion.scoring;

/** Type codes and widths of the packed form. */
final class TypeCode {
  private TypeCode() {}

  static FieldType of(byte code, String name) {
    return switch (code) {
      case 1 -> FieldType.BOOLEAN;
      case 2 -> FieldType.INTEGER;
      case 3 -> FieldType.FLOAT;
      case 4 -> FieldType.DOUBLE;
      case 5 -> FieldType.STRING;
      default ->
          throw new InvalidInput(
              name, "packed batch: the column '" + name + "' has an unknown type code " + code);
    };
  }

  static byte code(FieldType type) {
    return switch (type) {
      case BOOLEAN -> 1;
      case INTEGER -> 2;
      case FLOAT -> 3;
      case DOUBLE -> 4;
      case STRING -> 5;
    };
  }

  /** Bytes per row; for strings those of the length, the least that a row takes. */
  static int width(FieldType type) {
    return switch (type) {
      case BOOLEAN -> 1;
      case FLOAT, STRING -> 4;
      case INTEGER, DOUBLE -> 8;
    };
  }
}
