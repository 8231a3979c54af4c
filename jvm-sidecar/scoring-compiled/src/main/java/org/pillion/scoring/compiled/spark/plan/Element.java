package org.pillion.scoring.compiled.spark.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.compiled.spark.column.SparkType;

/**
 * An element of a plan.
 *
 * @param name its name, without a prefix
 * @param attributes its attributes by name
 * @param children its child elements, in order
 * @param text its own text
 */
public record Element(
    String name, Map<String, String> attributes, List<Element> children, String text) {

  /**
   * An attribute.
   *
   * @throws InvalidModel when it is absent
   */
  public String attribute(String key) {
    String value = attributes.get(key);
    if (value == null) {
      throw new InvalidModel("the plan's element " + name + " has no attribute '" + key + "'");
    }
    return value;
  }

  /** An attribute, or another value when it is absent. */
  public String attribute(String key, String otherwise) {
    return attributes.getOrDefault(key, otherwise);
  }

  /** Whether there is an attribute. */
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
        found.add(child);
      }
    }
    return found;
  }

  /** Whether there is a child of a name. */
  public boolean hasChild(String childName) {
    return !children(childName).isEmpty();
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
    StringTokenizer tokens = new StringTokenizer(text);
    double[] values = new double[tokens.countTokens()];
    for (int i = 0; i < values.length; i++) {
      values[i] = parseDouble("text", tokens.nextToken());
    }
    return values;
  }

  /** The whole numbers in the text, which white space separates. */
  public int[] ints() {
    StringTokenizer tokens = new StringTokenizer(text);
    int[] values = new int[tokens.countTokens()];
    for (int i = 0; i < values.length; i++) {
      values[i] = parseInt("text", tokens.nextToken());
    }
    return values;
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
