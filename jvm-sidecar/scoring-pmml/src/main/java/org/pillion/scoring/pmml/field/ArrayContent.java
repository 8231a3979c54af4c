package org.pillion.scoring.pmml.field;

import java.util.ArrayList;
import java.util.List;
import org.pillion.pmml.Element;
import org.pillion.pmml.Numerals;

/** {@code Array}: texts between blanks, in quotes where they hold blanks themselves. */
public final class ArrayContent {
  private final Element element;
  private final String content;
  private int position;

  private ArrayContent(Element element) {
    this.element = element;
    this.content = element.text();
  }

  /** The elements of an array of any type as texts. */
  public static List<String> texts(Element element) {
    String type = element.require("type");
    if (!type.equals("string") && !type.equals("int") && !type.equals("real")) {
      throw element.unsupported("type");
    }
    ArrayContent reader = new ArrayContent(element);
    List<String> texts = new ArrayList<>();
    while (reader.skipBlanks()) {
      texts.add(
          reader.content.charAt(reader.position) == '"' && type.equals("string")
              ? reader.quoted()
              : reader.plain());
    }
    requireCount(element, texts.size());
    return texts;
  }

  /** The elements of an array of numbers. */
  public static double[] numbers(Element element) {
    if (element.require("type").equals("string")) {
      throw element.invalid("holds texts instead of numbers");
    }
    List<String> texts = texts(element);
    double[] numbers = new double[texts.size()];
    for (int i = 0; i < numbers.length; i++) {
      try {
        // The interpreter makes values of them, which drop the sign of a zero.
        numbers[i] = Numerals.finite(texts.get(i)) + 0d;
      } catch (IllegalArgumentException e) {
        throw element.invalid("holds '" + Element.shorten(texts.get(i)) + "': " + e.getMessage());
      }
    }
    return numbers;
  }

  private static void requireCount(Element element, int count) {
    String declared = element.attribute("n");
    if (declared != null && !declared.equals(Integer.toString(count))) {
      throw element.invalid("has " + count + " elements instead of " + declared);
    }
  }

  private boolean skipBlanks() {
    while (position < content.length() && Character.isWhitespace(content.charAt(position))) {
      position++;
    }
    return position < content.length();
  }

  private String plain() {
    int start = position;
    while (position < content.length() && !Character.isWhitespace(content.charAt(position))) {
      char c = content.charAt(position);
      if (c == '"' || c == '\\') {
        throw element.unsupportedUse("it has a quote or backslash outside of quotes");
      }
      position++;
    }
    return content.substring(start, position);
  }

  private String quoted() {
    StringBuilder text = new StringBuilder();
    for (position++; position < content.length(); position++) {
      char c = content.charAt(position);
      if (c == '"') {
        position++;
        return text.toString();
      }
      if (c == '\\' && position + 1 < content.length() && content.charAt(position + 1) == '"') {
        position++;
        c = '"';
      }
      text.append(c);
    }
    throw element.invalid("has no closing quote");
  }
}
