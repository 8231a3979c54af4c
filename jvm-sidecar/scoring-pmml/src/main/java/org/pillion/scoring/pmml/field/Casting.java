package org.pillion.scoring.pmml.field;

import org.pillion.pmml.Element;

/** Conversion of values between types, with the interpreter's rules and spellings. */
public final class Casting {
  private Casting() {}

  /** Turns a cell of one type into one of another; a value that has no such form fails. */
  public static void cast(Cell cell, ValueType from, ValueType to) {
    if (!cell.hasValue() || from.equals(to)) {
      return;
    }
    try {
      if (to.data() == DataType.STRING) {
        cell.setText(from.data() == DataType.STRING ? cell.text : text(cell.number, from.data()));
      } else if (from.data() == DataType.STRING) {
        cell.setNumber(parse(cell.text, to.data()), to);
      } else {
        cell.setNumber(number(cell.number, to.data()), to);
      }
    } catch (IllegalArgumentException e) {
      cell.fail("a value cannot be turned into type " + name(to.data()) + ": " + e.getMessage());
    }
  }

  public static String name(DataType type) {
    return type.fieldType().text();
  }

  /** A number or truth value as text. */
  public static String text(double number, DataType type) {
    return switch (type) {
      case INTEGER -> Integer.toString((int) number);
      case FLOAT -> Float.toString((float) number);
      case BOOLEAN -> number != 0d ? "true" : "false";
      default -> Double.toString(number);
    };
  }

  /**
   * A number or truth value of another type.
   *
   * @throws IllegalArgumentException when that type cannot hold it
   */
  public static double number(double value, DataType to) {
    return switch (to) {
      case INTEGER -> integer(value);
      case FLOAT -> (float) value;
      case BOOLEAN -> truth(value);
      default -> value;
    };
  }

  private static double integer(double value) {
    if (value != Math.rint(value) || value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(value + " is not a 32-bit whole number");
    }
    return value;
  }

  private static double truth(double value) {
    if (value != 0d && value != 1d) {
      throw new IllegalArgumentException(value + " is neither true nor false");
    }
    return value;
  }

  /**
   * The value that a text spells.
   *
   * @throws IllegalArgumentException when it spells none of that type
   */
  public static double parse(String text, DataType to) {
    return switch (to) {
      case INTEGER -> parseInteger(text);
      case FLOAT -> parseFloat(text);
      case BOOLEAN -> parseBoolean(text);
      default -> parseDouble(text);
    };
  }

  private static double parseInteger(String text) {
    try {
      return integer(Long.parseLong(text));
    } catch (NumberFormatException notLong) {
      try {
        double value = Double.parseDouble(text);
        if (value == Math.rint(value) && !Double.isInfinite(value)) {
          return integer(value);
        }
      } catch (NumberFormatException notDouble) {
        return flag(text);
      }
      return flag(text);
    }
  }

  private static double parseFloat(String text) {
    double special = special(text);
    if (special != 0d) {
      return special;
    }
    try {
      return Float.parseFloat(text) + 0f;
    } catch (NumberFormatException e) {
      return flag(text);
    }
  }

  private static double parseDouble(String text) {
    double special = special(text);
    if (special != 0d) {
      return special;
    }
    try {
      return Double.parseDouble(text) + 0d;
    } catch (NumberFormatException e) {
      return flag(text);
    }
  }

  private static double parseBoolean(String text) {
    try {
      return flag(text);
    } catch (IllegalArgumentException e) {
      return truth(parseDouble(text));
    }
  }

  /** The value of a name of a number, or 0 for any other text. */
  private static double special(String text) {
    if ("NaN".equalsIgnoreCase(text)) {
      return Double.NaN;
    }
    if ("INF".equalsIgnoreCase(text)) {
      return Double.POSITIVE_INFINITY;
    }
    return "-INF".equalsIgnoreCase(text) ? Double.NEGATIVE_INFINITY : 0d;
  }

  private static double flag(String text) {
    if ("true".equalsIgnoreCase(text)) {
      return 1d;
    }
    if ("false".equalsIgnoreCase(text)) {
      return 0d;
    }
    throw new IllegalArgumentException("'" + Element.shorten(text) + "' does not spell one");
  }
}
