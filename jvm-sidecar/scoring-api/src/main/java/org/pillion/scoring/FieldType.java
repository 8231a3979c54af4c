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

  /** True for the types that can hold NaN and infinities. */
  public boolean isFloating() {
    return this == FLOAT || this == DOUBLE;
  }
}
