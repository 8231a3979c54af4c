package org.pillion.scoring.spark.column;

import java.util.Locale;
import org.pillion.scoring.UnsupportedElement;

/** A type of Spark's that a column of a plan can have. */
public enum SparkType {
  /** 64-bit floating point, in a {@link DoubleColumn}. */
  DOUBLE,
  /** 32-bit floating point, widened in a {@link DoubleColumn}. */
  FLOAT,
  /** 64-bit whole number, in a {@link LongColumn}. */
  LONG,
  /** 32-bit whole number, in a {@link LongColumn}. */
  INTEGER,
  /** 16-bit whole number, in a {@link LongColumn}. */
  SHORT,
  /** 8-bit whole number, in a {@link LongColumn}. */
  BYTE,
  /** True or false, in a {@link BooleanColumn}. */
  BOOLEAN,
  /** Text, in a {@link StringColumn}. */
  STRING,
  /** An array of texts, in a {@link StringArrayColumn}. */
  STRINGS,
  /** A day, as the number of days since 1970, in a {@link LongColumn}. */
  DATE,
  /** An instant, as the number of microseconds since 1970, in a {@link LongColumn}. */
  TIMESTAMP,
  /**
   * What a clock shows without a time zone, as the microseconds since 1970 that it would be in UTC,
   * in a {@link LongColumn}.
   */
  TIMESTAMP_NTZ,
  /** A decimal number, in a {@link DecimalColumn}. */
  DECIMAL,
  /** A vector of doubles, in a {@link VectorColumn}. */
  VECTOR;

  /** The name used in plans, for example {@code double}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The type of a name.
   *
   * @throws UnsupportedElement when there is none
   */
  public static SparkType of(String text) {
    for (SparkType type : values()) {
      if (type.text().equals(text)) {
        return type;
      }
    }
    throw new UnsupportedElement("type", "columns of Spark's type '" + text + "' are not compiled");
  }

  /** True for the types held in a {@link DoubleColumn}. */
  public boolean isFloating() {
    return this == DOUBLE || this == FLOAT;
  }

  /** True for the types of whole numbers. */
  public boolean isWhole() {
    return this == LONG || this == INTEGER || this == SHORT || this == BYTE;
  }

  /** True for types of single values, false for vectors and arrays. */
  public boolean isScalar() {
    return this != VECTOR && this != STRINGS;
  }

  /** True for the types held in a {@link LongColumn}. */
  public boolean isLong() {
    return isWhole() || this == DATE || this == TIMESTAMP || this == TIMESTAMP_NTZ;
  }

  /** The smallest value of a whole type. */
  public long smallest() {
    return switch (this) {
      case BYTE -> Byte.MIN_VALUE;
      case SHORT -> Short.MIN_VALUE;
      case INTEGER -> Integer.MIN_VALUE;
      default -> Long.MIN_VALUE;
    };
  }

  /** The largest value of a whole type. */
  public long largest() {
    return switch (this) {
      case BYTE -> Byte.MAX_VALUE;
      case SHORT -> Short.MAX_VALUE;
      case INTEGER -> Integer.MAX_VALUE;
      default -> Long.MAX_VALUE;
    };
  }
}
