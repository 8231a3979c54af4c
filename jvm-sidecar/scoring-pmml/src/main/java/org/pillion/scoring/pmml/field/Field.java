package org.pillion.scoring.pmml.field;

import org.pillion.pmml.Element;

/**
 * A field that the document computes or is given.
 *
 * @param name name in the document
 * @param type type of its values
 * @param slot position of its values in a {@link Frame}
 * @param dictionary codes of the values that the document compares it with
 */
public record Field(String name, ValueType type, int slot, Dictionary dictionary) {
  Field(String name, ValueType type, int slot) {
    this(name, type, slot, new Dictionary(type.data()));
  }

  /** The code of a constant that an attribute compares this field with. */
  public int define(Element element, String attribute) {
    return define(element, attribute, element.require(attribute));
  }

  public int define(Element element, String attribute, String constant) {
    try {
      return dictionary.define(constant);
    } catch (IllegalArgumentException e) {
      throw element.unsupportedUse(
          "%s='%s' is no value of the field '%s' of type %s"
              .formatted(attribute, Element.shorten(constant), name, Casting.name(type.data())));
    }
  }
}
