package org.pillion.scoring.pmml.field;

/**
 * One value while it is being computed.
 *
 * <p>Numbers of all types and truth values are held as a double, texts as a string. A zero is never
 * negative: the interpreter drops the sign whenever it makes a value.
 */
public final class Cell {
  /** A value. */
  public static final byte VALID = 0;

  /** A value that the interpreter marks as invalid, but carries on with. */
  public static final byte INVALID = 1;

  /** No value. */
  public static final byte MISSING = 2;

  /** No value, and whoever needs it fails with {@link #reason}. */
  public static final byte FAILED = 3;

  public byte state;
  public double number;
  public String text;
  public String reason;

  public boolean hasValue() {
    return state <= INVALID;
  }

  public void setMissing() {
    state = MISSING;
  }

  public void fail(String why) {
    state = FAILED;
    reason = why;
  }

  /** Takes a number; of the interpreter's values only continuous ones see that it is none. */
  public void setNumber(double value, ValueType type) {
    number = value == 0d ? 0d : value;
    state = Double.isNaN(value) && type.isContinuous() ? INVALID : VALID;
  }

  public void setBoolean(boolean value) {
    number = value ? 1d : 0d;
    state = VALID;
  }

  public void setText(String value) {
    text = value;
    state = VALID;
  }

  public void set(Cell other) {
    state = other.state;
    number = other.number;
    text = other.text;
    reason = other.reason;
  }
}
