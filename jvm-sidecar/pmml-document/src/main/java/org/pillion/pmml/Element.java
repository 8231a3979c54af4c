package org.pillion.pmml;

import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.pillion.scoring.UnsupportedElement;

/**
 * An element of a document that knows which of its parts have been read.
 *
 * <p>A compiler asks for what it implements; {@link #requireAllRead} then finds whatever nobody
 * asked for, so that nothing in a document can be overlooked.
 */
public final class Element extends StartTag {
  private final List<Element> children = new ArrayList<>(0);
  private String text = "";
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
    super(dialect, name, line, attributes);
  }

  void add(Element child) {
    children.add(child);
  }

  /** Takes the text in it; line breaks between children are none. */
  void text(String characters) {
    text = children.isEmpty() || !characters.isBlank() ? characters : "";
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

  /** All its child elements, in document order. */
  public List<Element> children() {
    children.forEach(child -> child.read = true);
    return children;
  }

  /** The children of a name, in document order. */
  public List<Element> children(String wanted) {
    List<Element> found = new ArrayList<>();
    for (Element child : children) {
      if (child.name().equals(wanted)) {
        child.read = true;
        found.add(child);
      }
    }
    return found;
  }

  /** Whether there is a child of a name, which is still to be read. */
  public boolean hasChild(String wanted) {
    return children.stream().anyMatch(child -> child.name().equals(wanted));
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

  /** Marks children, with all that is in them, as read, since they have no influence on scores. */
  public void ignoreChildren(String wanted) {
    children(wanted).forEach(Element::markAllRead);
  }

  private void markAllRead() {
    read = true;
    readText = true;
    markAttributesRead();
    children.forEach(Element::markAllRead);
  }

  /**
   * Makes sure that every part of this element has been read.
   *
   * @throws UnsupportedElement naming the first part that was not
   */
  public void requireAllRead() {
    requireAttributesRead();
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

  /** A text from a document, short enough for a message. */
  public static String shorten(String value) {
    return value.length() <= 80 ? value : value.substring(0, 80) + "…";
  }
}
