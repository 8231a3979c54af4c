package org.pillion.pmml;

import java.util.ArrayList;
import java.util.List;
import org.pillion.scoring.InvalidModel;
import org.pillion.scoring.UnsupportedElement;

/**
 * An element of a document that knows which of its parts have been read.
 *
 * <p>A compiler asks for what it implements; {@link #requireAllRead} then finds whatever nobody
 * asked for, so that nothing in a document can be overlooked.
 */
public final class Element {
  private static final int MAX_ATTRIBUTES = Long.SIZE;

  private final String name;
  private final int line;
  private final String[] attributes;
  private List<Element> children = List.of();
  private String text = "";
  private long readAttributes;
  private boolean read;

  /**
   * An element without content.
   *
   * @param attributes names and values in turn
   */
  Element(String name, int line, String[] attributes) {
    if (attributes.length / 2 > MAX_ATTRIBUTES) {
      throw new InvalidModel("the element " + name + " has too many attributes" + at(line));
    }
    this.name = name;
    this.line = line;
    this.attributes = attributes;
  }

  void fill(List<Element> content, String characters) {
    children = content;
    text = characters;
  }

  public String name() {
    return name;
  }

  /** The text directly in this element, where it has no children. */
  public String text() {
    return text;
  }

  /** The text of an element that stands for one value; readers differ on blanks around it. */
  public String value() {
    if (!text.equals(text.strip())) {
      throw unsupportedUse("its value has blanks around it");
    }
    return text;
  }

  /** Where the element starts, as an ending of a sentence. */
  String at() {
    return at(line);
  }

  private static String at(int line) {
    return " (line " + line + ")";
  }

  /** The value of an attribute, or null. */
  public String attribute(String wanted) {
    for (int i = 0; i < attributes.length; i += 2) {
      if (attributes[i].equals(wanted)) {
        readAttributes |= 1L << (i / 2);
        return attributes[i + 1];
      }
    }
    return null;
  }

  /** The value of an attribute, or its default. */
  public String attribute(String wanted, String otherwise) {
    String value = attribute(wanted);
    return value == null ? otherwise : value;
  }

  /** The value of an attribute that must be there. */
  public String require(String wanted) {
    String value = attribute(wanted);
    if (value == null) {
      throw invalid("has no attribute '" + wanted + "'");
    }
    return value;
  }

  /** The value of a required attribute that must be a number a double can hold. */
  public double requireNumber(String wanted) {
    return number(wanted, require(wanted));
  }

  /** The value of an attribute that must be a number, or its default. */
  public double number(String wanted, double otherwise) {
    String value = attribute(wanted);
    return value == null ? otherwise : number(wanted, value);
  }

  private double number(String wanted, String value) {
    try {
      return Numerals.finite(value);
    } catch (IllegalArgumentException e) {
      throw invalid("has the attribute " + wanted + "='" + shorten(value) + "': " + e.getMessage());
    }
  }

  /** Marks attributes as read that have no influence on scores. */
  public void ignore(String... names) {
    for (String ignored : names) {
      attribute(ignored);
    }
  }

  /** Marks a child, with all that is in it, as read, since it has no influence on scores. */
  public void ignoreChildren(String wanted) {
    for (Element child : children) {
      if (child.name.equals(wanted)) {
        child.markAllRead();
      }
    }
  }

  private void markAllRead() {
    read = true;
    readAttributes = -1;
    children.forEach(Element::markAllRead);
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

  /** The only child of a name, or null. */
  public Element child(String wanted) {
    Element found = null;
    for (Element child : children) {
      if (child.name.equals(wanted)) {
        if (found != null) {
          throw invalid("has more than one " + wanted);
        }
        child.read = true;
        found = child;
      }
    }
    return found;
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
  public Element requireRemaining(String noun) {
    List<Element> found = remaining();
    if (found.size() != 1) {
      throw invalid("has " + found.size() + " " + noun + "s instead of one");
    }
    return found.get(0);
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
    for (Element child : children) {
      if (!child.read) {
        throw child.unsupported();
      }
      child.requireAllRead();
    }
  }

  /** A refusal of this element. */
  public UnsupportedElement unsupported() {
    return new UnsupportedElement(
        name, "the compiled engine does not support the element " + name + at());
  }

  /** A refusal of an attribute of this element. */
  public UnsupportedElement unsupported(String attribute) {
    String value = attribute(attribute);
    return new UnsupportedElement(
        name + "@" + attribute,
        "the compiled engine does not support %s@%s%s%s"
            .formatted(name, attribute, value == null ? "" : "='" + shorten(value) + "'", at()));
  }

  /** A refusal of the way in which this element is used. */
  public UnsupportedElement unsupportedUse(String sentence) {
    return new UnsupportedElement(
        name, "the compiled engine does not support the element " + name + at() + ": " + sentence);
  }

  /** A fault of this element, told by the rest of a sentence. */
  public InvalidModel invalid(String predicate) {
    return new InvalidModel("the element " + name + at() + " " + predicate);
  }

  public static String shorten(String value) {
    return value.length() <= 80 ? value : value.substring(0, 80) + "…";
  }
}
