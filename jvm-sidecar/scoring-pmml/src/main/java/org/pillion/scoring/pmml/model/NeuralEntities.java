package org.pillion.scoring.pmml.model;

import java.util.HashMap;
import java.util.Map;
import org.pillion.pmml.Element;

/** The inputs and neurons of a network by their ids, in document order. */
final class NeuralEntities {
  private final Map<String, Integer> positions = new HashMap<>();

  /** Takes an input or a neuron; returns its position. */
  int declare(Element element) {
    if (positions.putIfAbsent(element.require("id"), positions.size()) != null) {
      throw element.invalid("has the id of another one");
    }
    return positions.size() - 1;
  }

  /** The position of the one that an attribute names, which must be declared before. */
  int position(Element element, String attribute) {
    Integer position = positions.get(element.require(attribute));
    if (position == null) {
      throw element.invalid(
          "refers to '" + element.require(attribute) + "', which is not declared before it");
    }
    return position;
  }

  int size() {
    return positions.size();
  }
}
