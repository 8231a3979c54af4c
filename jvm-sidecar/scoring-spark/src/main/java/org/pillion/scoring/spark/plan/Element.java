package org.pillion.scoring.spark.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.UnsupportedElement;
import org.pillion.scoring.spark.column.SparkType;

/**
 * An element of a plan that knows which of its parts have been read.
 *
 * <p>A stage's compiler asks for what it implements; {@link #requireAllRead} then finds whatever
 * nobody asked for, so that nothing in a plan can be overlooked.
 */
public final class Element {
  private final String name;
  private final Map<String, String> attributes;
  private final List<Element> children;
  private final String text;
  private final Set<String> readAttributes = new HashSet<>();
  private boolean read;
  private boolean readText;

  /**
   * An element.
   *
   * @param name its name, without a prefix
   * @param attributes its attributes by name
   * @param children its child elements, in order
   * @param text its own text
   */
  Element(String name, Map<String, String> attributes, List<Element> children, String text) {
    this.name = name;
    this.attributes = attributes;
    this.children = children;
    this.text = text;
  }

  /** Its name, without a prefix. */
  public String name() {
    return name;
  }

  /** All its child elements, in order. */
  public List<Element> children() {
    children.forEach(child -> child.read = true);
    return children;
  }

  /** Its own text. */
  public String text() {
    readText = true;
    return text;
  }

  /**
   * An attribute.
   *
   * @throws InvalidModel when it is absent
   */
  public String attribute(String key) {
    String value = attribute(key, null);
    if (value == null) {
      throw new InvalidModel("the plan's element " + name + " has no attribute '" + key + "'");
    }
    return value;
  }

  /** An attribute, or another value when it is absent. */
  public String attribute(String key, String otherwise) {
    readAttributes.add(key);
    return attributes.getOrDefault(key, otherwise);
  }

  /** Whether there is an attribute, which is still to be read. */
  public boolean has(String key) {
    return attributes.containsKey(key);
  }

  /** An attribute that is true or false. */
  public boolean flag(String key) {
    return switch (attribute(key)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw bad(key, attribute(key));
    };
  }

  /** An attribute that is a whole number of at least 0. */
  public int count(String key) {
    int value = parseInt(key, attribute(key));
    if (value < 0) {
      throw bad(key, attribute(key));
    }
    return value;
  }

  /** An attribute that is a whole number. */
  public long whole(String key) {
    try {
      return Long.parseLong(attribute(key));
    } catch (NumberFormatException e) {
      throw bad(key, attribute(key));
    }
  }

  /** An attribute that is a number, {@code NaN} or an infinity. */
  public double number(String key) {
    return parseDouble(key, attribute(key));
  }

  /** An attribute that is a column's type. */
  public SparkType type() {
    return SparkType.of(attribute("type"));
  }

  /** The only child of a name. */
  public Element child(String childName) {
    List<Element> found = children(childName);
    if (found.size() != 1) {
      throw new InvalidModel(
          "the plan's element %s has %d elements %s, not one"
              .formatted(name, found.size(), childName));
    }
    return found.get(0);
  }

  /** The children of a name, in order. */
  public List<Element> children(String childName) {
    List<Element> found = new ArrayList<>();
    for (Element child : children) {
      if (child.name.equals(childName)) {
        child.read = true;
        found.add(child);
      }
    }
    return found;
  }

  /** Whether there is a child of a name, which is still to be read. */
  public boolean hasChild(String childName) {
    return children.stream().anyMatch(child -> child.name.equals(childName));
  }

  /** The numbers in a child's text. */
  public double[] doubles(String childName) {
    return child(childName).doubles();
  }

  /** The whole numbers in a child's text. */
  public int[] ints(String childName) {
    return child(childName).ints();
  }

  /** The texts of the {@code v} elements in a child. */
  public String[] strings(String childName) {
    return child(childName).strings();
  }

  /** The texts of this element's {@code v} elements. */
  public String[] strings() {
    return children("v").stream().map(Element::text).toArray(String[]::new);
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

  /**
   * Makes sure that every part of this element has been read.
   *
   * @throws UnsupportedElement naming the first part that was not
   */
  public void requireAllRead() {
    for (String key : attributes.keySet()) {
      if (!readAttributes.contains(key)) {
        throw new UnsupportedElement(
            name + "@" + key,
            "the plan's element %s has the attribute '%s', which is not compiled"
                .formatted(name, key));
      }
    }
    if (!readText && !text.isBlank()) {
      throw new UnsupportedElement(
          name, "the plan's element %s has a text, which is not compiled".formatted(name));
    }
    for (Element child : children) {
      if (!child.read) {
        throw new UnsupportedElement(
            child.name,
            "the plan's element %s has an element %s, which is not compiled"
                .formatted(name, child.name));
      }
      child.requireAllRead();
    }
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

  private InvalidModel bad(String where, String value) {
    String shown = value.length() > 80 ? value.substring(0, 80) + "…" : value;
    return new InvalidModel(
        "the plan's element %s has a bad value in '%s': '%s'".formatted(name, where, shown));
  }
}
