package org.pillion.pmml;

import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.ScoringException;
import org.pillion.scoring.UnsupportedElement;

/**
 * The start tag of an element: its name and attributes, which know whether they have been read, and
 * what is refused in its name.
 */
abstract sealed class StartTag permits Element {
  private static final int MAX_ATTRIBUTES = Long.SIZE;

  private final Dialect dialect;
  private final String name;
  private final int line;
  private final String[] attributes;
  private long readAttributes;

  /**
   * A start tag.
   *
   * @param dialect whose element it is
   * @param name its name, without a prefix
   * @param line where it starts
   * @param attributes names and values in turn
   */
  StartTag(Dialect dialect, String name, int line, String[] attributes) {
    this.dialect = dialect;
    this.name = name;
    this.line = line;
    this.attributes = attributes;
    if (attributes.length / 2 > MAX_ATTRIBUTES) {
      throw invalid("has too many attributes");
    }
  }

  /** Its name, without a prefix. */
  public final String name() {
    return name;
  }

  /** Where it starts, as an ending of a sentence. */
  public final String at() {
    return " (line " + line + ")";
  }

  /** The value of an attribute, or null. */
  public final String attribute(String key) {
    int index = index(key);
    if (index < 0) {
      return null;
    }
    readAttributes |= 1L << (index / 2);
    return attributes[index + 1];
  }

  /** The value of an attribute, or its default. */
  public final String attribute(String key, String otherwise) {
    String value = attribute(key);
    return value == null ? otherwise : value;
  }

  /** Whether there is an attribute, which is still to be read. */
  public final boolean has(String key) {
    return index(key) >= 0;
  }

  private int index(String key) {
    for (int i = 0; i < attributes.length; i += 2) {
      if (attributes[i].equals(key)) {
        return i;
      }
    }
    return -1;
  }

  /**
   * The value of an attribute.
   *
   * @throws ScoringException when it is absent; see {@link #invalid}
   */
  public final String require(String key) {
    String value = attribute(key);
    if (value == null) {
      throw invalid("has no attribute '" + key + "'");
    }
    return value;
  }

  /** A required attribute that is true or false. */
  public final boolean flag(String key) {
    String value = require(key);
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw bad(key, value);
    };
  }

  /** An attribute that is {@code true} or {@code false}, where it is there. */
  public final boolean flag(String key, boolean otherwise) {
    return has(key) ? flag(key) : otherwise;
  }

  /** A required attribute that is a whole number of at least 0. */
  public final int count(String key) {
    String value = require(key);
    int number = parseInt(key, value);
    if (number < 0) {
      throw bad(key, value);
    }
    return number;
  }

  /** A required attribute that is a whole number. */
  public final long whole(String key) {
    String value = require(key);
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw bad(key, value);
    }
  }

  /** A required attribute that is a number, {@code NaN} or an infinity. */
  public final double number(String key) {
    return parseDouble(key, require(key));
  }

  /** A required attribute that is a number a double can hold, as all readers of PMML spell it. */
  public final double finite(String key) {
    return finite(key, require(key));
  }

  /** An attribute as {@link #finite(String)} reads it, or its default. */
  public final double finite(String key, double otherwise) {
    String value = attribute(key);
    return value == null ? otherwise : finite(key, value);
  }

  private double finite(String key, String value) {
    try {
      return Numerals.finite(value);
    } catch (IllegalArgumentException e) {
      throw invalid(
          "has the attribute " + key + "='" + Element.shorten(value) + "': " + e.getMessage());
    }
  }

  /** Marks attributes as read that have no influence on scores. */
  public final void ignore(String... keys) {
    for (String key : keys) {
      attribute(key);
    }
  }

  /** Marks all attributes as read. */
  final void markAttributesRead() {
    readAttributes = -1;
  }

  /** Makes sure that every attribute has been read. */
  final void requireAttributesRead() {
    for (int i = 0; i < attributes.length; i += 2) {
      if ((readAttributes & 1L << (i / 2)) == 0) {
        throw unsupported(attributes[i]);
      }
    }
  }

  /** A refusal of this element. */
  public final UnsupportedElement unsupported() {
    return new UnsupportedElement(name, refusal());
  }

  /** A refusal of an attribute of this element. */
  public final UnsupportedElement unsupported(String key) {
    String value = attribute(key);
    return new UnsupportedElement(
        name + "@" + key,
        "the compiled engine does not support %s@%s%s%s"
            .formatted(name, key, value == null ? "" : "='" + Element.shorten(value) + "'", at()));
  }

  /** A refusal of the way in which this element is used. */
  public final UnsupportedElement unsupportedUse(String sentence) {
    return new UnsupportedElement(name, refusal() + ": " + sentence);
  }

  private String refusal() {
    return "the compiled engine does not support the " + dialect.noun() + " " + name + at();
  }

  /**
   * A fault of this element, told by the rest of a sentence: an {@link InvalidModel} where this
   * engine is the judge of it, else an {@link UnsupportedElement}.
   */
  public final ScoringException invalid(String predicate) {
    return dialect.isJudged()
        ? new InvalidModel("the " + dialect.noun() + " " + name + at() + " " + predicate)
        : unsupportedUse("it " + predicate);
  }

  final double parseDouble(String where, String number) {
    double value;
    try {
      value = Double.parseDouble(number);
    } catch (NumberFormatException e) {
      throw bad(where, number);
    }
    if (Double.isInfinite(value) && !number.endsWith("Infinity")) {
      throw bad(where, number);
    }
    return value;
  }

  final int parseInt(String where, String number) {
    try {
      return Integer.parseInt(number);
    } catch (NumberFormatException e) {
      throw bad(where, number);
    }
  }

  private ScoringException bad(String where, String value) {
    return invalid("has a bad value in '%s': '%s'".formatted(where, Element.shorten(value)));
  }
}
