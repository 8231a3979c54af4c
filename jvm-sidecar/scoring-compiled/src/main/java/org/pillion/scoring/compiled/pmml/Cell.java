package org.pillion.scoring.compiled.pmml;

/**
 * One value while it is being computed.
 *
 * <p>Numbers of all types and truth values are held as a double, texts as a string. A zero is never
 * negative: the interpreter drops the sign whenever it makes a value.
 */
final class Cell {
  /** A value. */
  static final byte VALID = 0;

  /** A value that the interpreter marks as invalid, but carries on with. */
  static final byte INVALID = 1;

  /** No value. */
  static final byte MISSING = 2;

  /** No value, and whoever needs it fails with {@link #reason}. */
  static final byte FAILED = 3;

  byte state;
  double number;
  String text;
  String reason;

  boolean hasValue() {
    return state <= INVALID;
  }

  void setMissing() {
    state = MISSING;
  }

  void fail(String why) {
    state = FAILED;
    reason = why;
  }

  /** Takes a number; of the interpreter's values only continuous ones see that it is none. */
  void setNumber(double value, ValueType type) {
    number = value == 0d ? 0d : value;
    state = Double.isNaN(value) && type.isContinuous() ? INVALID : VALID;
  }

  void setBoolean(boolean value) {
    number = value ? 1d : 0d;
    state = VALID;
  }

  void setText(String value) {
    text = value;
    state = VALID;
  }

  void set(Cell other) {
    state = other.state;
    number = other.number;
    text = other.text;
    reason = other.reason;
  }
}
