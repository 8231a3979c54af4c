package org.pillion.pmml;

import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.ScoringException;
import org.pillion.scoring.UnsupportedElement;

/**
 * An element of a document that knows which of its parts have been read.
 *
 * <p>A compiler asks for what it implements; {@link #requireAllRead} then finds whatever nobody
 * asked for, so that nothing in a document can be overlooked.
 */
public final class Element {
  private static final int MAX_ATTRIBUTES = Long.SIZE;

  private final Dialect dialect;
  private final String name;
  private final int line;
  private final String[] attributes;
  private final List<Element> children = new ArrayList<>(0);
  private String text = "";
  private long readAttributes;
  private boolean readText;
  private boolean read;

  /**
   * An element without content.
   *
   * @param dialect whose element it is
   * @param name its name, without a prefix
   * @param line where it starts
   * @param attributes names and values in turn
   */
  Element(Dialect dialect, String name, int line, String[] attributes) {
    this.dialect = dialect;
    this.name = name;
    this.line = line;
    this.attributes = attributes;
    if (attributes.length / 2 > MAX_ATTRIBUTES) {
      throw invalid("has too many attributes");
    }
  }

  void add(Element child) {
    children.add(child);
  }

  /** Takes the text in it; line breaks between children are none. */
  void text(String characters) {
    text = children.isEmpty() || !characters.isBlank() ? characters : "";
  }

  /** Its name, without a prefix. */
  public String name() {
    return name;
  }

  /** Where it starts, as an ending of a sentence. */
  public String at() {
    return " (line " + line + ")";
  }

  /** Its own text. */
  public String text() {
    readText = true;
    return text;
  }

  /** The text of an element that stands for one value; readers differ on blanks around it. */
  public String value() {
    if (!text().equals(text.strip())) {
      throw unsupportedUse("its value has blanks around it");
    }
    return text;
  }

  /** The numbers in the text, which white space separates. */
  public double[] doubles() {
    StringTokenizer tokens = new StringTokenizer(text());
    double[] values = new double[tokens.countTokens()];
    for (int i = 0; i < values.length; i++) {
      values[i] = parseDouble("text", tokens.nextToken());
    }
    return values;
  }

  /** The whole numbers in the text, which white space separates. */
  public int[] ints() {
    StringTokenizer tokens = new StringTokenizer(text());
    int[] values = new int[tokens.countTokens()];
    for (int i = 0; i < values.length; i++) {
      values[i] = parseInt("text", tokens.nextToken());
    }
    return values;
  }

  /** The numbers in a child's text. */
  public double[] doubles(String child) {
    return requireChild(child).doubles();
  }

  /** The whole numbers in a child's text. */
  public int[] ints(String child) {
    return requireChild(child).ints();
  }

  /** The texts of the {@code v} elements in a child. */
  public String[] strings(String child) {
    return requireChild(child).strings();
  }

  /** The texts of its {@code v} elements. */
  public String[] strings() {
    return children("v").stream().map(Element::text).toArray(String[]::new);
  }

  /** The value of an attribute, or null. */
  public String attribute(String key) {
    int index = index(key);
    if (index < 0) {
      return null;
    }
    readAttributes |= 1L << (index / 2);
    return attributes[index + 1];
  }

  /** The value of an attribute, or its default. */
  public String attribute(String key, String otherwise) {
    String value = attribute(key);
    return value == null ? otherwise : value;
  }

  /** Whether there is an attribute, which is still to be read. */
  public boolean has(String key) {
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
  public String require(String key) {
    String value = attribute(key);
    if (value == null) {
      throw invalid("has no attribute '" + key + "'");
    }
    return value;
  }

  /** A required attribute that is true or false. */
  public boolean flag(String key) {
    String value = require(key);
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw bad(key, value);
    };
  }

  /** A required attribute that is a whole number of at least 0. */
  public int count(String key) {
    String value = require(key);
    int number = parseInt(key, value);
    if (number < 0) {
      throw bad(key, value);
    }
    return number;
  }

  /** A required attribute that is a whole number. */
  public long whole(String key) {
    String value = require(key);
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw bad(key, value);
    }
  }

  /** A required attribute that is a number, {@code NaN} or an infinity. */
  public double number(String key) {
    return parseDouble(key, require(key));
  }

  /** A required attribute that is a number a double can hold, as all readers of PMML spell it. */
  public double finite(String key) {
    return finite(key, require(key));
  }

  /** An attribute as {@link #finite(String)} reads it, or its default. */
  public double finite(String key, double otherwise) {
    String value = attribute(key);
    return value == null ? otherwise : finite(key, value);
  }

  private double finite(String key, String value) {
    try {
      return Numerals.finite(value);
    } catch (IllegalArgumentException e) {
      throw invalid("has the attribute " + key + "='" + shorten(value) + "': " + e.getMessage());
    }
  }

  /** All its child elements, in document order. */
  public List<Element> children() {
    children.forEach(child -> child.read = true);
    return children;
  }

  /** The children of a name, in document order. */
  public List<Element> children(String wanted) {
    List<Element> found = new ArrayList<>();
    for (Element child : children) {
      if (child.name.equals(wanted)) {
        child.read = true;
        found.add(child);
      }
    }
    return found;
  }

  /** Whether there is a child of a name, which is still to be read. */
  public boolean hasChild(String wanted) {
    return children.stream().anyMatch(child -> child.name.equals(wanted));
  }

  /** The only child of a name, or null. */
  public Element child(String wanted) {
    List<Element> found = children(wanted);
    if (found.size() > 1) {
      throw invalid("has more than one " + wanted);
    }
    return found.isEmpty() ? null : found.get(0);
  }

  /** The only child of a name. */
  public Element requireChild(String wanted) {
    Element child = child(wanted);
    if (child == null) {
      throw invalid("has no " + wanted);
    }
    return child;
  }

  /** All children that nobody has read yet, in document order; they count as read. */
  public List<Element> remaining() {
    List<Element> found = new ArrayList<>();
    for (Element child : children) {
      if (!child.read) {
        child.read = true;
        found.add(child);
      }
    }
    return found;
  }

  /** The only child that nobody has read yet. */
  public Element requireRemaining(String kind) {
    List<Element> found = remaining();
    if (found.size() != 1) {
      throw invalid("has " + found.size() + " " + kind + "s instead of one");
    }
    return found.get(0);
  }

  /** Marks attributes as read that have no influence on scores. */
  public void ignore(String... keys) {
    for (String key : keys) {
      attribute(key);
    }
  }

  /** Marks children, with all that is in them, as read, since they have no influence on scores. */
  public void ignoreChildren(String wanted) {
    children(wanted).forEach(Element::markAllRead);
  }

  private void markAllRead() {
    read = true;
    readText = true;
    readAttributes = -1;
    children.forEach(Element::markAllRead);
  }

  /**
   * Makes sure that every part of this element has been read.
   *
   * @throws UnsupportedElement naming the first part that was not
   */
  public void requireAllRead() {
    for (int i = 0; i < attributes.length; i += 2) {
      if ((readAttributes & 1L << (i / 2)) == 0) {
        throw unsupported(attributes[i]);
      }
    }
    if (!readText && !text.isBlank()) {
      throw unsupportedUse("it has a text");
    }
    for (Element child : children) {
      if (!child.read) {
        throw child.unsupported();
      }
      child.requireAllRead();
    }
  }

  /** A refusal of this element. */
  public UnsupportedElement unsupported() {
    return new UnsupportedElement(name, refusal());
  }

  /** A refusal of an attribute of this element. */
  public UnsupportedElement unsupported(String key) {
    String value = attribute(key);
    return new UnsupportedElement(
        name + "@" + key,
        "the compiled engine does not support %s@%s%s%s"
            .formatted(name, key, value == null ? "" : "='" + shorten(value) + "'", at()));
  }

  /** A refusal of the way in which this element is used. */
  public UnsupportedElement unsupportedUse(String sentence) {
    return new UnsupportedElement(name, refusal() + ": " + sentence);
  }

  private String refusal() {
    return "the compiled engine does not support the " + dialect.noun() + " " + name + at();
  }

  /**
   * A fault of this element, told by the rest of a sentence: an {@link InvalidModel} where this
   * engine is the judge of it, else an {@link UnsupportedElement}.
   */
  public ScoringException invalid(String predicate) {
    return dialect.isJudged()
        ? new InvalidModel("the " + dialect.noun() + " " + name + at() + " " + predicate)
        : unsupportedUse("it " + predicate);
  }

  private double parseDouble(String where, String number) {
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

  private int parseInt(String where, String number) {
    try {
      return Integer.parseInt(number);
    } catch (NumberFormatException e) {
      throw bad(where, number);
    }
  }

  private ScoringException bad(String where, String value) {
    return invalid("has a bad value in '%s': '%s'".formatted(where, shorten(value)));
  }

  /** A text from a document, short enough for a message. */
  public static String shorten(String value) {
    return value.length() <= 80 ? value : value.substring(0, 80) + "…";
  }
}
