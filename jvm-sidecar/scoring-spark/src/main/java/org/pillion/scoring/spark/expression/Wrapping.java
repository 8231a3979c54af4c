package org.pillion.scoring.spark.expression;

import org.pillion.scoring.spark.column.SparkType;

/** Whole numbers brought into the range of a type as Java's conversions do it. */
final class Wrapping {
  private Wrapping() {}

  /** The lowest bits of a number. */
  static long to(SparkType type, long value) {
    return switch (type) {
      case BYTE -> (byte) value;
      case SHORT -> (short) value;
      case INTEGER -> (int) value;
      default -> value;
    };
  }

  /** A number without its fraction; what is beyond 32 or 64 bits becomes the nearest end. */
  static long to(SparkType type, double value) {
    return type == SparkType.LONG ? (long) value : to(type, (int) value);
  }
}
