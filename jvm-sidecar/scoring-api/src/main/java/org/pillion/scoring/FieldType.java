package org.pillion.scoring;

import java.util.Locale;

/** The type of the values of a field. */
public enum FieldType {
  /** Text. */
  STRING,
  /** A whole number, held as a {@code long}. */
  INTEGER,
  /** A 32-bit floating-point number. */
  FLOAT,
  /** A 64-bit floating-point number. */
  DOUBLE,
  /** True or false. */
  BOOLEAN;

  /** The name used in contracts, for example {@code double}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Bytes that a row takes in a column, texts themselves not counted: its value and its mask. */
  public int rowBytes() {
    return 1
        + switch (this) {
          case BOOLEAN -> 1;
          case FLOAT -> Float.BYTES;
          case STRING, INTEGER, DOUBLE -> Long.BYTES;
        };
  }

  /** True for the types that can hold NaN and infinities. */
  public boolean isFloating() {
    return this == FLOAT || this == DOUBLE;
  }
}
