package org.pillion.scoring.pmml.field;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.pillion.pmml.Element;

/**
 * The classes between which a model chooses, in the order in which ties are decided.
 *
 * @param type type of the classes
 * @param keys texts, or numbers as doubles
 */
public record Categories(DataType type, List<Object> keys) {
  /** The classes that some elements name, which must be different ones. */
  public static Categories compile(List<Element> elements, String attribute, DataType type) {
    List<Object> keys = new ArrayList<>(elements.size());
    for (Element element : elements) {
      keys.add(key(element, attribute, type));
    }
    if (new HashSet<>(keys).size() != keys.size()) {
      throw elements.get(0).unsupportedUse("a class is named twice");
    }
    return new Categories(type, keys);
  }

  public static Object key(Element element, String attribute, DataType type) {
    String text = element.require(attribute);
    if (type == DataType.STRING) {
      return text;
    }
    try {
      return Casting.parse(text, type);
    } catch (IllegalArgumentException e) {
      throw element.unsupportedUse(
          "'%s' is no class of type %s".formatted(Element.shorten(text), Casting.name(type)));
    }
  }

  public int size() {
    return keys.size();
  }

  /** Position of the class that an attribute names, or -1. */
  public int indexOf(Element element, String attribute) {
    return keys.indexOf(key(element, attribute, type));
  }

  /** Labels a row with a class. */
  public void label(Values labels, int row, int index) {
    if (labels.texts != null) {
      labels.texts[row] = (String) keys.get(index);
    } else {
      labels.numbers[row] = (Double) keys.get(index);
    }
    labels.states[row] = Cell.VALID;
  }

  /** Labels a row with the class of the greatest value, the first one of equals. */
  public void labelWinner(Values labels, int row, double[][] byClass) {
    label(labels, row, winner(row, byClass));
  }

  /** Position of the class of the greatest value, the first one of equals. */
  public static int winner(int row, double[][] byClass) {
    int winner = 0;
    for (int i = 1; i < byClass.length; i++) {
      if (Double.compare(byClass[i][row], byClass[winner][row]) > 0) {
        winner = i;
      }
    }
    return winner;
  }
}
